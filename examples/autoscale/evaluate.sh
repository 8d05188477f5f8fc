#!/bin/sh
# Evaluates the policies of a registry's agent pools, for cron on a machine of your own that has the extension:
#
#   */10 * * * *  REGISTRY=myregistry GROUP=mygroup /opt/autoscale/evaluate.sh >> /var/log/autoscale.log 2>&1
#
# On a virtual machine of Azure az logs in as the machine's identity; elsewhere, let a service principal log in once and
# leave the next line out. To evaluate every minute in one process instead: az acr agentpool autoscale run .. --loop
set -eu
az account show --output none 2> /dev/null || az login --identity --output none
exec az acr agentpool autoscale run -r "$REGISTRY" -g "$GROUP" --only-show-errors
