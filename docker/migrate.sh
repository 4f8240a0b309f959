# Runs the named commands of scripts/database/cli.ts in turn, until one fails.
set -e
for command in "$@"; do
  node --disable-warning=ExperimentalWarning --import @swc-node/register/esm-register scripts/database/cli.ts "$command"
done
