FROM   alpine
RUN apk add curl
	COPY run.sh /
from	busybox	as	tools
FROM debian
COPY --from=tools /bin/busybox /bin/busybox
COPY --from=0 /run.sh /run.sh
CMD /run.sh
