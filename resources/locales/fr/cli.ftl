# cli
cli-problem = erreur :
cli-skipped = … { $n } lignes ne sont que dans le journal
cli-nothing-to-do = Rien n’a été demandé
cli-nothing-to-do-hint = Nommez un menu et un verbe : chantier code status
cli-no-cwd = Le dossier courant est introuvable

session-no-runtime = Les fils d’exécution du programme n’ont pas pu démarrer
session-interrupted = { $n ->
    [one] Une tâche était en cours quand le programme a pris fin ; elle est marquée comme interrompue
   *[other] { $n } tâches étaient en cours quand le programme a pris fin ; elles sont marquées comme interrompues
}
session-workspace-twice = Plusieurs espaces de travail s’appellent « { $name } »
session-workspace-twice-hint = Nommez plutôt le dossier
session-no-workspace = Il n’y a pas d’espace de travail « { $name } »
session-no-workspace-hint = Sont connus { $names }
cli-bad-recording = Cette ligne n’est pas un événement : { $why }
cli-not-sound = Quelque chose n’est pas sain
