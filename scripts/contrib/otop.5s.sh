#!/bin/sh
# SwiftBar: put this into its plugin folder and make it executable; 5s in the name is how often it is run.
# <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>
PATH="/opt/homebrew/bin:/usr/local/bin:$PATH"
exec otop bar-status
