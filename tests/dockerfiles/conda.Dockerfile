FROM continuumio/miniconda3:24.5.0-0
WORKDIR /app
COPY environment.yml .
RUN conda env create -f environment.yml && conda clean -afy
SHELL ["conda", "run", "--no-capture-output", "-n", "app", "/bin/bash", "-c"]
RUN python -c "import numpy; print(numpy.__version__)"
COPY . .
ENTRYPOINT ["conda", "run", "--no-capture-output", "-n", "app", "python", "main.py"]
