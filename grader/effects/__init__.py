"""What a configuration does on AWS: pure functions over models read with boto3."""
