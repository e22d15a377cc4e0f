variable "bucket" { type = string }
variable "ia_days" { type = number }
variable "glacier_days" { type = number }
variable "expire_days" { type = number }
variable "noncurrent_days" { type = number }
variable "abort_days" { type = number }

resource "aws_s3_bucket" "photos" {
  bucket = var.bucket
}

resource "aws_s3_bucket_versioning" "photos" {
  bucket = aws_s3_bucket.photos.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "photos" {
  bucket = aws_s3_bucket_versioning.photos.id

  rule {
    id     = "logs"
    status = "Enabled"
    filter {
      prefix = "logs/"
    }
    transition {
      days          = var.ia_days
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = var.glacier_days
      storage_class = "GLACIER"
    }
    expiration {
      days = var.expire_days
    }
  }

  rule {
    id     = "everything"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_days
    }
    expiration {
      expired_object_delete_marker = true
    }
  }
}
