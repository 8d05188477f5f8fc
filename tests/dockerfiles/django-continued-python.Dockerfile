FROM python:3.12-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
RUN python manage.py shell -c "\
from django.contrib.auth import get_user_model; \
get_user_model().objects.create_superuser('admin')"
CMD ["gunicorn", "site.wsgi"]
