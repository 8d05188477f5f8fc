# escape=`

FROM mcr.microsoft.com/powershell:7.4-alpine-3.20
SHELL ["pwsh", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Install-Module Az.Accounts -Force; `
    Install-Module Az.ContainerRegistry -Force; `
    # what was downloaded is not needed
    Remove-Item /tmp/* -Recurse
COPY deploy.ps1 /scripts/
ENTRYPOINT ["pwsh", "/scripts/deploy.ps1"]
