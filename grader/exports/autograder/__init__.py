"""An autograder for Gradescope: the archive to upload, and what runs there."""
