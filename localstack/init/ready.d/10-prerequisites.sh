#!/usr/bin/env bash
# Run by LocalStack's container once it is ready. Makes what template.yaml takes as given, so that it can be deployed there:
# the secret behind ClickHouseSecretArn, and a bucket for `sam deploy`. Running it again changes nothing.
set -euo pipefail

bucket=ota-analytics-artifacts
secret=ota-local/clickhouse

if ! awslocal s3api head-bucket --bucket "$bucket" 2>/dev/null; then
  awslocal s3 mb "s3://$bucket"
fi

value=$(printf '{"username":"ota","password":"%s"}' "${CLICKHOUSE_PASSWORD:-ota}")
if awslocal secretsmanager describe-secret --secret-id "$secret" >/dev/null 2>&1; then
  awslocal secretsmanager put-secret-value --secret-id "$secret" --secret-string "$value" >/dev/null
else
  awslocal secretsmanager create-secret --name "$secret" --secret-string "$value" >/dev/null
fi

echo "ready: s3://$bucket, ClickHouseSecretArn=$(awslocal secretsmanager describe-secret --secret-id "$secret" --query ARN --output text)"
