# escape=`
FROM mcr.microsoft.com/dotnet/framework/sdk:4.8 AS build
WORKDIR C:\src
COPY App.csproj .
RUN nuget restore `
 && msbuild /p:Configuration=Release `
    /p:OutputPath=C:\out

FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8
COPY --from=build C:\out C:\inetpub\wwwroot
