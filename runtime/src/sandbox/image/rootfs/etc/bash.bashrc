# Every interactive bash of the sandbox, nested ones too.
[ -z "$PS1" ] && return
shopt -s checkwinsize

# The prompt, with the marks of semantic prompts (OSC 133): A prompt, B input, C output, D end with the exit status.
# Nothing in it may fork: in a group that is full, a prompt that forks would hang the shell.
PS0='\e]133;C\a'
PS1='\[\e]133;D;$?\a\e]133;A\a\]\u@\h:\w\$ \[\e]133;B\a\]'
PS2='> '

if ! shopt -oq posix && [ -f /usr/share/bash-completion/bash_completion ]; then
  . /usr/share/bash-completion/bash_completion
fi
