# syntax=docker/dockerfile:1
FROM python:3.12-slim
WORKDIR /app
COPY . .
RUN python3 <<EOF
import json
from pathlib import Path

Path("build.json").write_text(json.dumps({"built": True}))
EOF
CMD ["python3", "app.py"]
