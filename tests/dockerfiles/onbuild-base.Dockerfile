FROM python:3.12-alpine
WORKDIR /app
ONBUILD COPY requirements.txt /app/
ONBUILD RUN pip install -r requirements.txt
ONBUILD COPY . /app
CMD ["python", "main.py"]
