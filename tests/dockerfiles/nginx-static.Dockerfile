FROM nginx:1.27-alpine
RUN rm /etc/nginx/conf.d/default.conf
COPY nginx.conf /etc/nginx/nginx.conf
COPY html/ /usr/share/nginx/html/
RUN chown -R nginx:nginx /var/cache/nginx
USER nginx
EXPOSE 8080/tcp
HEALTHCHECK --interval=1m --start-period=10s CMD ["wget", "-q", "--spider", "http://127.0.0.1:8080/"]
