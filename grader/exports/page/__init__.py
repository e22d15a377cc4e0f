"""The class page: one self-contained HTML file, by which an instructor sees what to teach again and whom to talk to."""
