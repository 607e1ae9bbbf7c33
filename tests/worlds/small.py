"""A small system for the emulator: everything in it is there within seconds, and one thing takes five."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from standfast.programs import plugin_mirror
from tests.programs import lacking

MAIN = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

terraform {
  backend "s3" {}
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}
"""

RESOURCES = """\
variable "owner" {
  type = string
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "api" {
  name   = "api"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id = aws_security_group.api.id
  cidr_ipv4         = "10.0.0.0/16"
  from_port         = 8080
  to_port           = 8080
  ip_protocol       = "tcp"
}

resource "aws_sns_topic" "alarms" {
  provider = aws.us_east_1
  name     = "alarms-of-${var.owner}"
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  period              = 60
  statistic           = "Sum"
  threshold           = 10
}

resource "aws_s3_bucket" "images" {
  bucket = "small-images"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "images" {
  bucket                  = aws_s3_bucket.images.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""

SLOW = """\
resource "aws_iam_role" "api" {
  name = "api"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_instance_profile" "api" {
  name = "api"
  role = aws_iam_role.api.name
}
"""
SLOW_ONE = "aws_iam_instance_profile.api"  # the provider waits some five seconds for it


def write_small(code: Path, resources: str = RESOURCES) -> Path:
    code.mkdir(parents=True, exist_ok=True)
    (code / "versions.tf").write_text(MAIN)
    (code / "main.tf").write_text(resources)
    return code


def need_terraform() -> None:
    """Skip where Terraform or the AWS provider is missing, saying so; fail in CI."""
    missing = []
    if not (shutil.which("terraform") or shutil.which("tofu")):
        missing.append("terraform or tofu")
    if plugin_mirror() is None and not os.environ.get("STANDFAST_NETWORK"):
        missing.append("a plugin mirror with the AWS provider (or STANDFAST_NETWORK=1 to fetch it)")
    if missing:
        lacking(f"not found: {', '.join(missing)}")
