# cli
cli-problem = error:
cli-skipped = … { $n } lines are in the log only
cli-nothing-to-do = Nothing was asked for
cli-nothing-to-do-hint = Name an area and a verb: chantier code status
cli-no-cwd = The current folder can not be found

session-no-runtime = The program's threads could not be started
session-interrupted = { $n ->
    [one] One job was running when the program was ended; it is marked as interrupted
   *[other] { $n } jobs were running when the program was ended; they are marked as interrupted
}
session-workspace-twice = Several workspaces are called “{ $name }”
session-workspace-twice-hint = Name the folder instead
session-no-workspace = There is no workspace “{ $name }”
session-no-workspace-hint = Known are { $names }
cli-bad-recording = This line is no event: { $why }
cli-not-sound = Something is not sound
