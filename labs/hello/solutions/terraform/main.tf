variable "bucket" {
  type = string
}

resource "aws_s3_bucket" "course" {
  bucket = var.bucket
  tags = {
    course = "labgrade"
  }
}
