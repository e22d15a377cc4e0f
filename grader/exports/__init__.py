"""What a class's marks become elsewhere: gradebooks, feedback to send, the instructor's page, an autograder."""
