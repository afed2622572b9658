# shellcheck shell=bash
# Sourced by the scripts beside it: runs jobs side by side, says what is being done and how long it took.
# Works with bash 3.2 (macOS). A terminal gets a spinner, anything else a plain line now and then.

logs=.local/log
pids=()
labels=()
has_bar='' # a running job that draws its own progress bar on a terminal
written='' # the log whose growth shows that a job is writing to the screen

if [ -t 1 ] && [ -t 2 ]; then
  terminal=yes green=$'\033[32m' red=$'\033[31m' dim=$'\033[2m' off=$'\033[0m' wipe=$'\r\033[K'
else
  terminal='' green='' red='' dim='' off='' wipe=''
fi

# say TEXT: one line.
say() { printf '%s%s\n' "$wipe" "$*"; }

# duration SECONDS: "8 s", "4 min 12 s".
duration() {
  if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi
}

# log_of LABEL: where a job of that label writes.
log_of() { printf '%s/%s.log' "$logs" "$(printf '%s' "$1" | tr -cs 'A-Za-z0-9.' '-')"; }

# job KIND LABEL COMMAND…: starts a job.
#   quiet  its output goes to its log, and the end of that is shown if it fails
#   bar    its output is shown; on a terminal it draws a progress bar of its own
#   loud   its output is shown
# Each job has a process group, so that stopping ends what it started too.
job() {
  local kind=$1 label=$2 log
  shift 2
  mkdir -p "$logs"
  log=$(log_of "$label")
  : >"$log"
  case $kind in
    bar) has_bar=yes written=$log ;;
    loud) written=$log ;;
  esac
  set -m
  (run_job "$kind" "$label" "$log" "$@") </dev/null &
  set +m
  pids+=($!)
  labels+=("$label")
}

run_job() {
  local kind=$1 label=$2 log=$3 start=$SECONDS status=0
  shift 3
  set +e -o pipefail
  case $kind in
    quiet) "$@" >"$log" 2>&1 ;;
    *) if [ -n "$terminal" ]; then "$@" | tee "$log"; else "$@" 2>&1 | tee "$log"; fi ;;
  esac
  status=$?
  if [ $status -eq 0 ]; then
    say "  ${green}✓${off} $label ${dim}$(duration $((SECONDS - start)))${off}"
    return 0
  fi
  say "  ${red}✗ $label${off} (after $(duration $((SECONDS - start))), exit code $status)"
  [ "$kind" != quiet ] || { tail -n 25 "$log" | sed 's/^/      /'; say "      all of it: $log"; }
  return $status
}

# all_done: waits for all jobs with a sign of life; at the first that fails it stops the others and returns its exit code.
all_done() {
  local i=0 start=$SECONDS quiet_since=$SECONDS size=0 now=0 spin='.oOo' running at status=0
  while [ ${#pids[@]} -gt 0 ]; do
    running=''
    for at in "${!pids[@]}"; do
      if kill -0 "${pids[at]}" 2>/dev/null; then
        running="$running${running:+, }${labels[at]}"
        continue
      fi
      wait "${pids[at]}" || { status=$?; break 2; }
      unset "pids[at]" "labels[at]"
      quiet_since=$SECONDS
    done
    [ -n "$running" ] || break
    if [ -n "$terminal" ] && [ -z "$written" ]; then
      printf '%s  %s %s %s(%s)%s' "$wipe" "${spin:i++%4:1}" "$running" "$dim" "$(duration $((SECONDS - start)))" "$off"
    elif [ -z "$terminal" ] || [ -z "$has_bar" ]; then
      now=0
      [ -z "$written" ] || now=$(wc -c <"$written")
      [ "$now" -eq "$size" ] || { size=$now quiet_since=$SECONDS; }
      if [ $((SECONDS - quiet_since)) -ge 5 ]; then
        say "  … $running ($(duration $((SECONDS - start))))"
        quiet_since=$SECONDS
      fi
    fi
    sleep 0.2
  done
  [ $status -eq 0 ] || stop_jobs
  pids=() labels=() has_bar='' written=''
  return $status
}

# step KIND LABEL COMMAND…: one job, waited for.
step() { job "$@" && all_done; }

# stop_jobs: ends every job and what it started; what doesn't end when asked is killed after three seconds.
stop_jobs() {
  local signal tries=0 alive=yes pid
  while [ -n "$alive" ] && [ $tries -lt 40 ]; do
    case $tries in 0) signal=TERM ;; 30) signal=KILL ;; *) signal=0 ;; esac
    alive=''
    for pid in ${pids[@]+"${pids[@]}"}; do
      if kill -"$signal" -- "-$pid" 2>/dev/null; then alive=yes; fi
    done
    tries=$((tries + 1))
    [ -z "$alive" ] || sleep 0.1
  done
  wait
}

trap 'stop_jobs; printf "%s" "$wipe"; exit 130' INT
trap 'stop_jobs; exit 143' TERM
