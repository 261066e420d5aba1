#!/bin/sh
# SwiftBar: copy this file into its plugin folder and make it executable; or: otop bar install swiftbar
# SwiftBar runs it every 5 s, as its name says.
# <xbar.title>otop</xbar.title>
# <xbar.desc>Which opencode sessions need you</xbar.desc>
# <xbar.dependencies>node,otop</xbar.dependencies>
# <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>
# <swiftbar.alwaysVisible>true</swiftbar.alwaysVisible>
[ -n "$LANG" ] || export LANG=en_US.UTF-8
PATH="$PATH:/opt/homebrew/bin:/usr/local/bin"
command -v otop >/dev/null && exec otop bar-status
# nvm, fnm and Volta are on the PATH of an interactive shell alone.
/bin/zsh -lic 'command -v otop' >/dev/null 2>&1 && exec /bin/zsh -lic 'exec otop bar-status'
# Without a line here the item would leave the menu bar.
printf '%s\n' 'otop ! | color=#ff3b30' --- \
  'otop is not on the PATH' --- 'Refresh | refresh=true'
