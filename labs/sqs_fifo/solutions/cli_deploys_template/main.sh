# The script owns the template: it gives it the names as a list.
set -eu

aws cloudformation deploy --stack-name orders --template-file template.json --parameter-overrides \
    Names="$LAB_QUEUE,$LAB_DEAD_LETTER_QUEUE" Receives="$LAB_MAX_RECEIVE_COUNT" \
    Seconds="$LAB_VISIBILITY_TIMEOUT" Wait="$LAB_RECEIVE_WAIT_SECONDS"
