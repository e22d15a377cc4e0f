"""Emulators that outlive a command: a student's evening with one lab."""
