# The prompt and completion come from /etc/bash.bashrc.
