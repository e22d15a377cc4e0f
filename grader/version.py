"""The version of labgrade; the distribution's own is read from here."""

VERSION = "0.1.0"
