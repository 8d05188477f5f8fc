FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build
WORKDIR /src
COPY App.csproj .
RUN dotnet restore \
    --verbosity minimal
COPY . .
RUN dotnet publish -c Release -o /out

FROM mcr.microsoft.com/dotnet/runtime:6.0
COPY --from=build /out /app
ENTRYPOINT ["dotnet", "/app/App.dll"]
