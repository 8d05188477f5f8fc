"""Logs of runs as public ones of ACR are: of docker's classic builder, of BuildKit, of a task without a build.

BuildKit's are as `docker buildx build --progress plain` writes them into a pipe.
"""

from __future__ import annotations

__all__ = ["BUILDKIT_FAILS", "CLASSIC_FAILS", "CLASSIC_PUSH_FAILS", "CLASSIC_SUCCEEDS", "SCAN_FAILS", "TASK_FAILS"]

_BEGIN = """\
2026/03/01 12:00:01 Downloading source code...
2026/03/01 12:00:02 Finished downloading source code
2026/03/01 12:00:02 Using acb_vol_0f9bd2ca-7a8d-4c4c-9d21-8f3d6ad2e7d3 as the home volume
2026/03/01 12:00:02 Setting up Docker configuration...
2026/03/01 12:00:03 Successfully set up Docker configuration
2026/03/01 12:00:03 Logging in to registry: myregistry.azurecr.io
2026/03/01 12:00:04 Successfully logged into myregistry.azurecr.io
2026/03/01 12:00:04 Executing step ID: build. Timeout(sec): 28800, Working directory: '', Network: ''
2026/03/01 12:00:04 Scanning for dependencies...
"""
_SCANNED = """\
2026/03/01 12:00:05 Successfully scanned dependencies
2026/03/01 12:00:05 Launching container with name: build
"""
_FAILED = """\
2026/03/01 12:00:09 Container failed during run: build. No retries remaining.
failed to run step ID: build: exit status 1

Run ID: cf1 failed after 9s. Error: failed during run, err: exit status 1
"""
_CLASSIC_STEPS = """\
Sending build context to Docker daemon  4.096kB
Step 1/4 : ARG VERSION=20
Step 2/4 : FROM node:${VERSION}-alpine
20-alpine: Pulling from library/node
4abcf2066143: Pulling fs layer
4abcf2066143: Pull complete
Digest: sha256:bf77dc26e48ea95fca9d1aceb5acfa69d2e546b765ec2abfb502975f1a2d4def
Status: Downloaded newer image for node:20-alpine
 ---> ad7ea17e8a36
Step 3/4 : COPY package.json /src/
 ---> 5a2a2f0e7a0c
"""

CLASSIC_FAILS = f"""{_BEGIN}{_SCANNED}{_CLASSIC_STEPS}\
Step 4/4 : RUN cd /src &&     npm test
 ---> Running in 7f0d3e6a2b61

> app@1.0.0 test
> node test.js

AssertionError: expected 3 to equal 4
The command '/bin/sh -c cd /src &&     npm test' returned a non-zero code: 1
{_FAILED}"""

CLASSIC_SUCCEEDS = f"""{_BEGIN}{_SCANNED}{_CLASSIC_STEPS}\
Step 4/4 : RUN cd /src &&     npm test
 ---> Running in 7f0d3e6a2b61
Removing intermediate container 7f0d3e6a2b61
 ---> 1c35c4412082
Successfully built 1c35c4412082
Successfully tagged myregistry.azurecr.io/app:v1
2026/03/01 12:00:09 Successfully executed container: build
2026/03/01 12:00:09 Executing step ID: push. Timeout(sec): 3600, Working directory: '', Network: ''
2026/03/01 12:00:09 Pushing image: myregistry.azurecr.io/app:v1, attempt 1
The push refers to repository [myregistry.azurecr.io/app]
d4fc045c9e3a: Pushed
v1: digest: sha256:2b4c8a7e5d3f1b6a9c0e8d7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b size: 1156
2026/03/01 12:00:12 Successfully pushed image: myregistry.azurecr.io/app:v1
2026/03/01 12:00:12 Step ID: build marked as successful (elapsed time in seconds: 4.613451)
2026/03/01 12:00:12 Populating digests for step ID: build...
2026/03/01 12:00:13 Successfully populated digests for step ID: build
2026/03/01 12:00:13 Step ID: push marked as successful (elapsed time in seconds: 3.024170)
2026/03/01 12:00:13 The following dependencies were found:
2026/03/01 12:00:13
- image:
    registry: myregistry.azurecr.io
    repository: app
    tag: v1

Run ID: cf1 was successful after 13s
"""

CLASSIC_PUSH_FAILS = (
    CLASSIC_SUCCEEDS[: CLASSIC_SUCCEEDS.index("d4fc045c9e3a: Pushed")]
    + """\
denied: requested access to the resource is denied
failed to run step ID: push: failed to push images successfully

Run ID: cf1 failed after 9s. Error: failed during run, err: failed to push images successfully
"""
)

SCAN_FAILS = f"""{_BEGIN}\
2026/03/01 12:00:05 Output from dependency scanning: unable to understand line FROM a b c
failed to run step ID: build: failed to scan dependencies: exit status 1

Run ID: cf1 failed after 5s. Error: failed during run, err: exit status 1
"""

BUILDKIT_FAILS = f"""{_BEGIN}{_SCANNED}\
#0 building with "acrbuildkitdcontainer" instance using docker-container driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 176B done
#1 DONE 0.0s

#2 [internal] load metadata for docker.io/library/node:20-alpine
#2 DONE 0.9s

#3 importing cache manifest from myregistry.azurecr.io/app:cache_quickrun_build
#3 DONE 0.2s

#4 [base 1/3] FROM docker.io/library/node:20-alpine@sha256:bf77dc26e48ea95fca9d1aceb5acfa69d2e546b765ec2abfb5
#4 resolve docker.io/library/node:20-alpine 0.0s done
#4 ...

#5 [internal] load build context
#5 transferring context: 1.02kB done
#5 DONE 0.0s

#4 [base 1/3] FROM docker.io/library/node:20-alpine@sha256:bf77dc26e48ea95fca9d1aceb5acfa69d2e546b765ec2abfb5
#4 DONE 3.1s

#6 [base 2/3] COPY package.json /src/
#6 DONE 0.0s

#7 [base 3/3] RUN cd /src &&     npm test
#7 0.412
#7 0.412 > app@1.0.0 test
#7 0.489 AssertionError: expected 3 to equal 4
#7 ERROR: process "/bin/sh -c cd /src &&     npm test" did not complete successfully: exit code: 1
------
 > [base 3/3] RUN cd /src &&     npm test:
0.412 > app@1.0.0 test
0.489 AssertionError: expected 3 to equal 4
------
Dockerfile:5
--------------------
   4 |     COPY package.json /src/
   5 | >>> RUN cd /src && \\
   6 | >>>     npm test
   7 |
--------------------
ERROR: failed to solve: process "/bin/sh -c cd /src &&     npm test" did not complete successfully: exit code: 1
{_FAILED}"""

TASK_FAILS = """\
2026/03/01 12:00:01 Alias support enabled for version >= 1.1.0, please see https://aka.ms/acr/tasks/task-aliases
2026/03/01 12:00:01 Creating Docker network: acb_default_network, driver: 'bridge'
2026/03/01 12:00:01 Successfully set up Docker network: acb_default_network
2026/03/01 12:00:02 Executing step ID: lint. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'
2026/03/01 12:00:02 Launching container with name: lint
# 1 file looked at
2026/03/01 12:00:03 Successfully executed container: lint
2026/03/01 12:00:03 Executing step ID: unit. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'
2026/03/01 12:00:03 Launching container with name: unit
#1 first test
Step 1/2 is skipped
FAILED tests/test_app.py::test_sum
2026/03/01 12:00:05 Container failed during run: unit. No retries remaining.
failed to run step ID: unit: exit status 1

Run ID: cf1 failed after 5s. Error: failed during run, err: exit status 1
"""
