#!/bin/sh
# SwiftBar: copy this file into its plugin folder and make it executable. SwiftBar runs it every 5 s, as its name says.
# <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>
PATH="/opt/homebrew/bin:/usr/local/bin:$PATH"
exec otop bar-status
