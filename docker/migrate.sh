# Runs the named commands of scripts/database/cli.ts in turn, until one fails. `tenant` is the only one: the rest is its.
set -e
run() {
  node --disable-warning=ExperimentalWarning --import @swc-node/register/esm-register scripts/database/cli.ts "$@"
}
if [ "$1" = tenant ]; then
  run "$@"
  exit
fi
for command in "$@"; do
  run "$command"
done
