# Les mots de toutes les pages : états, unités, âges, le fil, les noms des menus
verbatim = { $text }

area-devops = DevOps
area-plan = Planifier
area-code = Coder
area-build = Construire
area-test = Tester
area-release = Livrer
area-deploy = Déployer
area-operate = Exploiter
area-monitor = Surveiller
area-config = Configuration

state-failed = en échec
state-degraded = dégradé
state-unknown = inconnu
state-in-progress = en cours
state-queued = en attente
state-running = en marche
state-done = terminé
state-none = aucun
state-skipped = ignoré
state-stale = périmé
state-cancelled = annulé
state-interrupted = interrompu

unit-b = o
unit-kb = ko
unit-mb = Mo
unit-gb = Go
unit-tb = To
unit-ms = ms
unit-s = s
unit-min = min
unit-h = h
unit-d = j
unit-y = ans

age-now = maintenant
age-until = dans { $age }
age-ago = il y a { $age }

thread-item = Élément
thread-commit = Commit
thread-build = Construction
thread-test = Tests
thread-release = Version
thread-deployment = Déploiement
thread-instance = Instance
thread-incident = Incident

problem-cancelled = Arrêté
problem-refused = { $title } est déjà en cours
problem-panicked = { $title } s’est terminé par un défaut du programme
problem-panicked-hint = Le reste du programme continue ; signalez les détails
problem-too-slow-to-stop = { $title } ne s’arrêtait pas à temps et a été interrompu
