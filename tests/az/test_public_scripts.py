"""Scripts as people write them for az's own commands do with the extension what they do without it.

Each is a shape that public scripts, pipelines and actions have. It runs in bash, with real az, in a registry of its
own: with the extension, and without any, to the same exit code and the same stdout.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from az_harness import Emulator, Finished, run_program
from az_on_path import AzOnPath
from az_processes import Forks

pytestmark = pytest.mark.skipif(os.name == "nt", reason="The scripts are written for bash.")


@dataclass(frozen=True)
class Script:
    """A script, and what it prints. It finds in $ACR the name of its registry, in $POOL that of an agent pool there, in
    $GROUP that of their resource group.

    `why_not_without` says why az's own commands cannot run it here.
    """

    name: str
    text: str
    prints: str = ""
    code: int = 0
    why_not_without: str = ""

    def __str__(self) -> str:
        return self.name


AT_ONCE = 6
NEWEST = "az acr task list-runs --registry $ACR --top 1"
POLLS = "az's own looks every 30 seconds"
SCRIPTS = [
    Script(
        "the pool is appended if it can be shown",
        f"""
        for pool in "$POOL" nosuchpool; do
          args=(acr build --registry "$ACR" --image app:v1)
          if az acr agentpool show --registry "$ACR" --name "$pool" --only-show-errors >/dev/null 2>&1; then
            args+=(--agent-pool "$pool")
          fi
          az "${{args[@]}}" . > build.log
          {NEWEST} --query '[0].[agentPoolName, status]' -o tsv
        done
        """,
        "mypool\nSucceeded\nNone\nSucceeded\n",
    ),
    Script(
        "the pool comes from an environment variable that may be empty",
        f"""
        for ACR_TASK_AGENT_POOL in "$POOL" ""; do
          az acr build -r "$ACR" -t app:v1 ${{ACR_TASK_AGENT_POOL:+--agent-pool "$ACR_TASK_AGENT_POOL"}} . >/dev/null
          {NEWEST} --query '[0].agentPoolName' -o tsv
        done
        """,
        "mypool\n",
    ),
    Script(
        "a pool that is not ready stops the script",
        """
        state="$(az acr agentpool show --registry "$ACR" --name "$POOL" --query provisioningState --output tsv \\
          --only-show-errors)"
        if [[ "$state" != "Succeeded" ]]; then echo "pool is $state" >&2; exit 1; fi
        echo "pool is $state"
        """,
        "pool is Succeeded\n",
    ),
    Script(
        "the first pool of the registry",
        f"""
        pool=$(az acr agentpool list -r "$ACR" --query '[0].name' -o tsv)
        az acr build -r "$ACR" -t app:v1 --agent-pool "$pool" . > /dev/null
        {NEWEST} --query '[0].agentPoolName' -o tsv
        """,
        "mypool\n",
    ),
    Script(
        "queued without waiting, and polled by the ID on stderr",
        """
        run_id=$(az acr build --registry "$ACR" --no-logs --no-wait --agent-pool "$POOL" --image app:v1 . 2>&1 |
          sed -n 's/.*Queued a build with ID: \\([A-Za-z0-9]*\\).*/\\1/p' | head -1)
        [[ -n $run_id ]] || { echo "could not queue the build" >&2; exit 1; }
        while :; do
          status=$(az acr task show-run --registry "$ACR" --run-id "$run_id" --query status -o tsv)
          case $status in
            Succeeded) break ;;
            Failed | Canceled | Error | Timeout) exit 1 ;;
          esac
          sleep 0.2
        done
        digest=$(az acr task show-run --registry "$ACR" --run-id "$run_id" --query 'outputImages[0].digest' -o tsv)
        echo "$run_id $status ${digest%%:*}"
        """,
        "cf1 Succeeded sha256\n",
    ),
    Script(
        "the ID by grep and awk, of output that was kept",
        """
        out="$(az acr build --registry "$ACR" --platform linux/amd64 --no-wait --image app:v1 . 2>&1 | tr -d '\\r')"
        printf '%s\\n' "$out" | grep -o 'Queued a build with ID: [A-Za-z0-9]*' | awk '{print $NF}' | tail -1
        printf '%s\\n' "$out" | awk '/Queued a build with ID:/ {print $NF}'
        """,
        "cf1\ncf1\n",
    ),
    Script(
        "exactly one line names the run",
        """
        cat > queue.py <<'END'
        import re, subprocess, sys
        done = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=True)
        (run_id,) = re.findall(r"with ID: (\\S+)", done.stderr)
        print(run_id)
        END
        python3 queue.py az acr build -r "$ACR" -t app:v1 --agent-pool "$POOL" .
        python3 queue.py az acr run -r "$ACR" --agent-pool "$POOL" --cmd 'bash echo hello' /dev/null
        python3 queue.py az acr build -r "$ACR" -t app:v1 --no-wait --output none .
        """,
        "cf1\ncf2\ncf3\n",
    ),
    Script(
        "the run is asked for after the build",
        """
        az acr build --registry "$ACR" --image app:v1 --agent-pool "$POOL" . > /dev/null 2>&1
        run_id=$(az acr task list-runs --registry "$ACR" --top 1 --query '[0].runId' --output tsv)
        az acr task show-run -r "$ACR" --run-id "$run_id" --query 'outputImages[0].[repository, tag]' -o tsv
        az acr task logs -r "$ACR" --run-id "$run_id" 2> /dev/null | grep -c 'was successful after'
        """,
        "app\nv1\n1\n",
    ),
    Script(
        "without the log, the run is the result",
        """
        run_id=$(az acr build --registry "$ACR" --image app:v1 --no-logs --query runId -o tsv --only-show-errors .)
        [[ "$run_id" =~ ^[a-z0-9]+$ ]]
        az acr task show-run --registry "$ACR" --run-id "$run_id" --query status --output tsv
        """,
        "Succeeded\n",
        why_not_without=POLLS,
    ),
    Script(
        "one build after the other",
        """
        for service in api web; do
          mkdir "$service" && cp Dockerfile "$service"
          az acr build -r "$ACR" --agent-pool "$POOL" -t "$service:v1" -f "$service/Dockerfile" "$service" > /dev/null
        done
        az acr task list-runs -r "$ACR" --query 'reverse([].outputImages[0].repository)' -o tsv
        """,
        "api\nweb\n",
    ),
    Script(
        "builds side by side on one pool",
        """
        pids=()
        for service in api web; do
          az acr build --registry "$ACR" --agent-pool "$POOL" --image "$service:v1" . > "$service.log" 2>&1 &
          pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid"; echo $?; done
        az acr task list-runs -r "$ACR" --query 'sort([].outputImages[0].repository)' -o tsv
        """,
        "0\n0\napi\nweb\n",
    ),
    Script(
        "a build that fails fails the script",
        """
        echo 'RUN exit 3' >> Dockerfile
        if az acr build -r "$ACR" -t app:v1 . > build.log 2>&1; then echo "built"; else echo "failed: $?"; fi
        grep -c 'returned a non-zero code: 3' build.log
        az acr build -r "$ACR" -t app:v1 --agent-pool "$POOL" . > /dev/null
        echo "never"
        """,
        "failed: 1\n1\n",
        code=1,
    ),
    Script(
        "a task file with values",
        f"""
        cat > acb.yaml <<'END'
        version: v1.1.0
        steps:
          - build: -t $Registry/{{{{.Values.image}}}}:{{{{.Run.ID}}}} .
          - push: ["$Registry/{{{{.Values.image}}}}:{{{{.Run.ID}}}}"]
        END
        az acr run --registry "$ACR" --agent-pool "$POOL" --file acb.yaml --set image=app . > run.log
        {NEWEST} --query '[0].outputImages[0].[repository, tag]' -o tsv
        """,
        "app\ncf1\n",
    ),
    Script(
        "an action that puts a task file into the source",
        f"""
        mkdir -p action/tasks service
        cp Dockerfile service/Dockerfile.release
        cat > action/tasks/build.yaml <<'END'
        version: v1.1.0
        steps:
          - build: -t $Registry/{{{{.Values.image}}}}:{{{{.Values.tag}}}} -f {{{{.Values.dockerfile}}}} .
          - push: ["$Registry/{{{{.Values.image}}}}:{{{{.Values.tag}}}}"]
        END
        export GITHUB_ACTION_PATH=$PWD/action GITHUB_OUTPUT=$PWD/output
        cd service
        cp "$GITHUB_ACTION_PATH/tasks/build.yaml" ./acr-task.yaml
        az acr run -r "$ACR" --agent-pool "$POOL" -f acr-task.yaml . \\
          --set image=payments --set tag=v7 --set dockerfile=Dockerfile.release > /dev/null
        digest=$({NEWEST} --query '[0].outputImages[0].digest' -o tsv)
        echo "digest=${{digest%%:*}}" >> "$GITHUB_OUTPUT"
        cat "$GITHUB_OUTPUT"
        """,
        "digest=sha256\n",
    ),
    Script(
        "a task with an identity of its own",
        f"""
        cat > task.yaml <<'END'
        version: v1.1.0
        stepTimeout: 3600
        steps:
          - cmd: bash echo {{{{.Values.WHO}}}}
        END
        az acr task create --registry $ACR --agent-pool "$POOL" --name mytask --context /dev/null --file task.yaml \\
          --assign-identity [system] --auth-mode None --output none
        az acr task credential add -n mytask -r $ACR --login-server $ACR.azurecr.io --use-identity [system] -o none
        az acr task show -r $ACR -n mytask --query '[identity.type, status]' -o tsv
        az acr task run --registry $ACR --name mytask --set WHO=all | grep -c '^all'
        {NEWEST} --query '[0].[task, status]' -o tsv
        """,
        "SystemAssigned\nEnabled\n1\nmytask\nSucceeded\n",
    ),
    Script(
        "a task's run whose ID is on stderr",
        """
        az acr task create -r "$ACR" -n mytask --agent-pool "$POOL" --cmd 'bash echo hello' --context /dev/null -o none
        run_id=$(az acr task run --registry "$ACR" --name mytask --no-wait 2>&1 >/dev/null |
          grep -oE 'Queued a run with ID: [a-z0-9]+' | cut -d: -f2 | tr -d ' ')
        until [ "$(az acr task show-run -r "$ACR" --run-id "$run_id" --query status -o tsv)" = Succeeded ]; do
          sleep 0.2
        done
        echo "$run_id"
        """,
        "cf1\n",
    ),
    Script(
        "names come from Terraform",
        f"""
        terraform() {{
          case "$3" in
            acr_login_server) printf '%s.azurecr.io\\n' "$ACR" ;;
            acr_task_agentpool_name) printf '%s' "$POOL" ;;
          esac
        }}
        login_server=$(terraform output -raw acr_login_server)
        pool=$(terraform output -raw acr_task_agentpool_name)
        az acr build --registry "${{login_server%%.*}}" --agent-pool "$pool" \\
          --image "$login_server/app:v1" --image app:latest . > /dev/null
        {NEWEST} --query '[0].outputImages[].tag' -o tsv
        """,
        "v1\nlatest\n",
    ),
    Script(
        "the registry is a default",
        """
        az config set defaults.acr="$ACR" --only-show-errors
        az acr agentpool show --name "$POOL" --query count
        az acr build --image app:v1 --agent-pool "$POOL" . > /dev/null
        az acr task list-runs --query 'length(@)'
        """,
        "2\n1\n",
    ),
    Script(
        "a pool from create to delete",
        """
        az acr agentpool create --registry $ACR --name newpool --tier S1 --output none
        az acr agentpool update --registry $ACR --name newpool --count 2 --query count
        az acr agentpool delete --registry $ACR --name newpool --yes --no-wait
        """,
        "2\n",
    ),
    Script(
        "the registry by its login server",
        f"""
        login_server=$(az acr show --name "$ACR" --query loginServer --output tsv)
        az acr build --registry "$login_server" --agent-pool "$POOL" --image "$login_server/app:v1" . > /dev/null
        az acr agentpool show --registry "$login_server" --name "$POOL" --query count
        {NEWEST} --query '[0].outputImages[].tag' -o tsv
        """,
        "2\nv1\n",
    ),
    Script(
        "the registry by its resource ID",
        f"""
        registry_id=$(az acr show --name "$ACR" --query id --output tsv)
        az acr agentpool show --registry "$registry_id" --name "$POOL" --query count
        az acr build --registry "$registry_id" --agent-pool "$POOL" --image app:v1 . > /dev/null
        {NEWEST} --query '[0].outputImages[].tag' -o tsv
        """,
        "2\nv1\n",
        why_not_without="az's own takes names only",
    ),
    Script(
        "create is repeated with another count",
        """
        az acr agentpool create --registry "$ACR" --name "$POOL" --tier S1 --count 3 --output none
        az acr agentpool show --registry "$ACR" --name "$POOL" --query count
        """,
        "3\n",
    ),
    Script(
        "the log of a task's last run, and the ID that comes with it",
        """
        az acr task create -r "$ACR" -n mytask --cmd 'bash echo hello' --context /dev/null -o none
        for round in 1 2; do az acr task run -r "$ACR" -n mytask > /dev/null; done
        az acr run -r "$ACR" --cmd 'bash echo other' /dev/null > /dev/null
        az acr task logs --registry "$ACR" --name mytask 2> told | tr -d '\\r' | grep '^hello'
        sed -n 's/.*Run ID: *//p' told
        az acr task logs -r "$ACR" 2> /dev/null | grep '^other'
        az acr task logs -r "$ACR" --run-id cf1 --no-format 2>&1 | awk '/^Run ID:/ {print $3, $5}'
        """,
        "hello\ncf2\nother\ncf1 successful\n",
    ),
    Script(
        "the log of a run that failed is no failure",
        """
        az acr run -r "$ACR" --cmd 'bash exit 3' /dev/null > /dev/null 2>&1 || echo "run: $?"
        run_id=$(az acr task list-runs -r "$ACR" --run-status Failed --top 1 --query '[0].runId' -o tsv)
        az acr task logs -r "$ACR" --run-id "$run_id" > failed.log 2> told
        grep -q 'exit status' failed.log && echo told
        az acr task show-run -r "$ACR" --run-id "$run_id" --query '[status, runErrorMessage]' -o tsv
        """,
        "run: 1\ntold\nFailed\nfailed during run, err: exit status 1\n",
    ),
    Script(
        "rows of runs in a loop",
        """
        az acr run -r "$ACR" --agent-pool "$POOL" --cmd 'bash echo hello' /dev/null > /dev/null
        az acr run -r "$ACR" --cmd 'bash exit 3' /dev/null > /dev/null 2>&1 || true
        az acr task list-runs -r "$ACR" --query '[].[runId, status, agentPoolName]' -o tsv |
          while IFS=$'\\t' read -r id status pool; do echo "$id is $status on ${pool:-none}"; done
        az acr task list-runs -r "$ACR" -o table | awk 'NR > 2 {print $1, $2, $3}'
        az acr task list-runs -r "$ACR" --query "[?agentPoolName=='$POOL'] | [0].runId" -o tsv
        az acr task list-runs -r "$ACR" --query "length([?status=='Succeeded'])"
        az acr task list-runs -r "$ACR" --run-status Canceled --query 'length(@)' -o tsv
        """,
        "cf2 is Failed on None\ncf1 is Succeeded on mypool\ncf2 linux Failed\ncf1 linux Succeeded\ncf1\n1\n0\n",
    ),
    Script(
        "runs as JSON for a program",
        """
        for tag in v1 v2 v3; do az acr build -r "$ACR" -t "app:$tag" . > /dev/null; done
        az acr task list-runs -r "$ACR" --top 2 -o json | python3 -c '
        import json, sys
        for run in json.load(sys.stdin):
            print(run["runId"], run["status"], *(image["tag"] for image in run["outputImages"]))
        '
        az acr task show-run -r "$ACR" --run-id cf1 > run.json
        python3 -c 'import json; print(json.load(open("run.json"))["outputImages"][0]["tag"])'
        digest=$(az acr task show-run -r "$ACR" --run-id cf2 --query 'outputImages[0].digest' -o tsv)
        az acr task list-runs -r "$ACR" --image "app@$digest" --query '[].runId' -o tsv | grep -x cf2
        """,
        "cf3 Succeeded v3\ncf2 Succeeded v2\nv1\ncf2\n",
    ),
    Script(
        "a task's run is waited for by the list",
        """
        az acr task create -r "$ACR" -n mytask --cmd 'bash echo hello' --context /dev/null -o none
        az acr task run -r "$ACR" -n mytask --no-wait > /dev/null 2>&1
        for attempt in $(seq 100); do
          status=$(az acr task list-runs -r "$ACR" -n mytask --top 1 --query '[0].status' -o tsv)
          [ "$status" != Succeeded ] || break
          sleep 0.2
        done
        echo "$status"
        """,
        "Succeeded\n",
    ),
    Script(
        "whatever is under way is cancelled",
        """
        for round in 1 2; do
          az acr run -r "$ACR" --agent-pool "$POOL" --no-wait --cmd 'bash sleep 3000' /dev/null > /dev/null 2>&1
        done
        active="[?status=='Queued' || status=='Started' || status=='Running'].runId"
        for id in $(az acr task list-runs -r "$ACR" --query "$active" -o tsv); do
          az acr task cancel-run --registry "$ACR" --run-id "$id"
        done
        for attempt in $(seq 50); do
          left=$(az acr task list-runs -r "$ACR" --query "length($active)")
          [ "$left" -gt 0 ] || break
          sleep 0.2
        done
        az acr task list-runs -r "$ACR" --query '[].status' -o tsv
        az acr task cancel-run -r "$ACR" --run-id cf99 2> /dev/null || echo "none: $?"
        """,
        "Canceled\nCanceled\nnone: 3\n",
    ),
    Script(
        "a run that is to be kept",
        """
        az acr build -r "$ACR" -t app:v1 . > /dev/null
        az acr task update-run --registry "$ACR" --run-id cf1 --no-archive false --query isArchiveEnabled
        az acr task update-run -r "$ACR" --run-id cf1 --no-archive -o none
        az acr task show-run -r "$ACR" --run-id cf1 --query isArchiveEnabled -o tsv
        az acr task show-run -r "$ACR" --run-id cf99 > /dev/null 2>&1 || echo "none: $?"
        """,
        "true\nfalse\nnone: 3\n",
    ),
    Script(
        "the timers of a task",
        """
        task="-r $ACR -n mytask"
        az acr task create $task --cmd 'bash echo hello' --context /dev/null --schedule 'daily:0 21 * * *' -o none
        az acr task timer add $task --timer-name weekly --schedule '0 9 * * Mon' -o none
        az acr task timer update $task --timer-name daily --schedule '30 21 * * *' -o none
        az acr task timer update $task --timer-name weekly --enabled False -o none
        az acr task timer list $task --query '[].[name, schedule, status]' -o tsv
        az acr task timer remove $task --timer-name daily --query 'trigger.timerTriggers[].name' -o tsv
        az acr task timer list --registry "$ACR" --name mytask --query 'length(@)'
        """,
        "daily\t30 21 * * *\tEnabled\nweekly\t0 9 * * Mon\tDisabled\nweekly\n1\n",
    ),
    Script(
        "a task gets an identity that may read a vault",
        """
        az acr task create -r "$ACR" -n mytask --cmd 'bash echo hello' --context /dev/null -o none
        az acr task identity assign -n mytask -r "$ACR" --output none
        principal=$(az acr task show -n mytask -r "$ACR" --query identity.principalId --output tsv)
        [[ $principal == *-*-*-*-* ]]
        az identity create -g "$GROUP" -n builder -o none
        identity=$(az identity show -g "$GROUP" -n builder --query id -o tsv)
        az acr task identity assign -n mytask -r "$ACR" --identities '[system]' "$identity" -o none
        az acr task identity show -n mytask -r "$ACR" --query '[type, length(userAssignedIdentities)]' -o tsv
        az acr task identity remove -n mytask -r "$ACR" -o none
        az acr task identity show -n mytask -r "$ACR" --query type -o tsv
        az acr task identity remove -n mytask -r "$ACR" --identities '[all]' -o none
        az acr task identity show -n mytask -r "$ACR"
        """,
        "SystemAssigned, UserAssigned\n1\nUserAssigned\n{}\n",
    ),
    Script(
        "the registry is a default for tasks and runs too",
        """
        az config set defaults.acr="$ACR" --only-show-errors
        az acr task create -n mytask --cmd 'bash echo hello' --context /dev/null -o none
        az acr task timer add -n mytask --timer-name nightly --schedule '0 1 * * *' -o none
        az acr task timer list -n mytask --query '[].name' -o tsv
        az acr task run -n mytask > /dev/null
        az acr task logs 2> /dev/null | grep -c '^hello'
        az acr task show-run --run-id cf1 --query task -o tsv
        az acr task list-runs -n mytask --query 'length(@)'
        """,
        "nightly\n1\nmytask\n1\n",
    ),
]


def _registry(number: int) -> str:
    return f"registry{number}"


WORLD = {
    "registries": [
        {
            "name": _registry(number),
            "agentPools": [{"name": "mypool", "count": 2}],
            # az's own sends a CPU count with a task's pool.
            "allowCpuWithPool": True,
        }
        for number in range(len(SCRIPTS))
    ]
}


@dataclass(frozen=True)
class Shell:
    """bash with az on its PATH, and with an emulator of its own."""

    emulator: Emulator
    extensions: Path | None
    commands: Path

    def run(self, script: Script, folder: Path) -> Finished:
        """Run a script in an empty folder with a Dockerfile, in the script's own registry."""
        az = self.emulator.az(folder / "settings", self.extensions)
        project = folder / "project"
        project.mkdir()
        (project / "Dockerfile").write_text("FROM scratch\n")
        environment = {
            **az.environment,
            "PATH": f"{self.commands}{os.pathsep}{os.environ['PATH']}",
            "ACR": _registry(SCRIPTS.index(script)),
            "POOL": "mypool",
            "GROUP": "myresourcegroup",
        }
        return run_program(
            "bash", "-euo", "pipefail", "-c", dedent(script.text), folder=project, environment=environment
        )


@pytest.fixture(scope="module")
def shells(emulators: Callable[..., Emulator], extensions: Path, forks: Forks) -> Iterator[tuple[Shell, Shell]]:
    """One whose az has the extension, and one whose az has none."""
    with AzOnPath(forks.server(extensions)) as ours, AzOnPath(forks.server(None)) as plain:
        yield (
            Shell(emulators(world=WORLD), extensions, ours.folder),
            Shell(emulators(world=WORLD), None, plain.folder),
        )


Outcomes = dict[str, dict[str, Future[Finished]]]


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, shells: tuple[Shell, Shell], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outcomes]:
    """What becomes of the scripts that are to be tested, in each shell: side by side, as they mostly wait."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [call.params.get("script") for call in calls if call is not None]
    scripts = [script for script in chosen if isinstance(script, Script)]
    ours, plain = shells
    with ThreadPoolExecutor(AT_ONCE) as executor:

        def begin(shell: Shell, script: Script) -> Future[Finished]:
            return executor.submit(shell.run, script, tmp_path_factory.mktemp("script"))

        yield {
            script.name: {
                "with": begin(ours, script),
                **({} if script.why_not_without else {"without": begin(plain, script)}),
            }
            for script in scripts
        }


@pytest.mark.xdist_group("public scripts")
@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_a_script_does_the_same_with_the_extension_and_without(script: Script, outcomes: Outcomes) -> None:
    for shell, outcome in outcomes[script.name].items():
        done = outcome.result()
        assert (shell, done.code, done.stdout) == (shell, script.code, script.prints), done.stderr
