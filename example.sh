#!/usr/bin/env bash
# Sends one of each of the nine events to a running system, then prints each endpoint's answer.
#   BASE_URL   default http://localhost:8081
#   API_KEY    sent as a bearer token where set
#   TENANT_ID  default example
set -euo pipefail

base=${BASE_URL:-http://localhost:8081}
base=${base%/}
tenant=${TENANT_ID:-example}
org=example-org
app=example-app
run=$(date -u +%Y%m%d%H%M%S)-$$ # devices of this run alone
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# call ARGUMENTS…: curl with the key; the body goes to $answer, the status is printed (000: no answer).
call() {
  curl -sS -o "$answer" -w '%{http_code}' --max-time 35 ${API_KEY:+-H "Authorization: Bearer $API_KEY"} "$@" || true
}

pretty() {
  if command -v jq >/dev/null; then jq . "$answer"
  elif command -v python3 >/dev/null; then python3 -m json.tool "$answer"
  else cat "$answer"; echo; fi
}

# minutes_ago N: in RFC 3339, by GNU's date or BSD's.
minutes_ago() {
  date -u -d "-$1 minutes" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v "-$1M" +%Y-%m-%dT%H:%M:%SZ
}

# send MINUTES-AGO DEVICE TYPE FROM TO PAYLOAD
send() {
  local body status
  body=$(printf '{"tenant_id":"%s","org_id":"%s","app_id":"%s","device_id":"%s-%s","event_type":"%s","timestamp":"%s","device_info":{"os":"Android","os_version":"14","model":"Pixel 8","manufacturer":"Google"},"release_info":{"current_version":"%s","target_version":"%s"},"payload":%s}' \
    "$tenant" "$org" "$app" "$2" "$run" "$3" "$(minutes_ago "$1")" "$4" "$5" "$6")
  status=$(call -X POST "$base/events" -H 'Content-Type: application/json' -d "$body")
  printf '%-20s %s\n' "$3" "$status"
  if [ "$status" != 202 ]; then
    cat "$answer" >&2
    echo >&2
    exit 1
  fi
}

# ask PATH: prints the answer; anything but 200 ends the script.
ask() {
  local status
  status=$(call "$base$1")
  printf '\nGET %s\n' "$1"
  pretty
  [ "$status" = 200 ] || { echo "answered $status, not 200" >&2; exit 1; }
}

# counted: adoption's total of today's updates, or nothing.
counted() {
  [ "$(call "$base/analytics/adoption?tenant_id=$tenant&app_id=$app&days=1")" = 200 ] || return 0
  sed -n 's/.*"total_updates": *\([0-9][0-9]*\).*/\1/p' "$answer" | head -n 1
}

before=$(counted)

echo "POST $base/events"
# One device installs, then has to go back; another fails; a third is cancelled by its owner.
send 30 phone-a update_started     2.3.0 2.4.0 '{}'
send 29 phone-a update_downloading 2.3.0 2.4.0 '{"progress":40,"download_speed":48.2}'
send 26 phone-a update_downloaded  2.3.0 2.4.0 '{"package_size":734003200,"download_duration":121.5}'
send 25 phone-a update_installing  2.3.0 2.4.0 '{"install_progress":10}'
send 20 phone-a update_installed   2.3.0 2.4.0 '{"install_duration":312.4,"success_metrics":{"boot_seconds":21}}'
send 15 phone-b update_failed      2.3.0 2.4.0 '{"error_code":"E_CHECKSUM","error_message":"package checksum does not match","failure_stage":"download"}'
send 12 phone-c update_cancelled   2.3.0 2.4.0 '{"cancellation_reason":"postponed by the user"}'
send 10 phone-a rollback_started   2.4.0 2.3.0 '{"rollback_reason":"touch screen does not respond"}'
send 8  phone-a rollback_completed 2.4.0 2.3.0 '{"rollback_duration":64}'

# An installed and a failed update: two more in adoption once they are through Kafka and in ClickHouse.
expected=$((${before:-0} + 2))
deadline=$((SECONDS + 60))
printf '\nwaiting until they are counted'
while now=$(counted) && [ "${now:-0}" -lt "$expected" ]; do
  if [ $SECONDS -ge $deadline ]; then
    printf '\nnot counted within a minute: total_updates is %s, expected at least %s\n' "${now:-unknown}" "$expected" >&2
    exit 1
  fi
  printf .
  sleep 0.5
done
echo " done"

scope="tenant_id=$tenant&app_id=$app&days=1"
ask "/analytics/adoption?$scope"
ask "/analytics/versions?$scope"
ask "/analytics/active-devices?$scope"
ask "/analytics/failures?$scope"
ask "/analytics/performance?$scope"
ask "/health"
