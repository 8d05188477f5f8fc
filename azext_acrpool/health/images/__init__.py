"""What is found about the base images of a Dockerfile."""
