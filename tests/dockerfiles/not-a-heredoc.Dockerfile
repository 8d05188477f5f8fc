FROM alpine:3.20
COPY deploy.sh /deploy.sh
RUN cat /deploy.sh | sh -s -- \
    --from=staging \
    --to=production
RUN echo "heredocs in a shell are no heredocs of docker's" && sh -c 'cat << EOF'
CMD ["/deploy.sh"]
