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
unit-points = pt
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
problem-panicked-hint = Le reste du programme continue ; signalez les détails
problem-too-slow-to-stop = { $title } ne s’arrêtait pas à temps et a été interrompu

# Ce que disent d’une valeur les lecteurs de TOML
wrong-missing = La clé « { $key } » manque
wrong-missing-of = Il manque la clé « { $key } » à « { $name } »
wrong-twice = La clé « { $key } » figure deux fois
wrong-key = Il n’y a pas de clé « { $key } » ici ; sont connues { $known }
wrong-no-keys = Il n’y a pas de clé « { $key } » ici, ni aucune autre
wrong-word = « { $word } » n’est pas un des mots connus ici : { $known }
wrong-any = Ce n’est pas ce qui doit figurer ici
wrong-value = « { $found } » ne peut pas figurer ici : { $expected ->
    [text] il faut un texte entre guillemets
    [natural] il faut un nombre entier à partir de 0
    [whole] il faut un nombre entier
    [number] il faut un nombre
    [flag] il faut true ou false
    [list] il faut une liste entre [ ]
    [table] il faut une table
    [simple] il faut un texte, un nombre, true ou false
   *[other] il faut { $expected }
}
wrong-unclosed = Ce qui commence ici n’a pas de fin : il manque { $sign }
wrong-unquoted = Il manque ici une valeur, ou les guillemets autour d’un texte
wrong-no-value = Cette clé n’a pas de valeur ; écrivez-la comme clé = "valeur"
wrong-again = Cette clé y figure déjà
wrong-comma = Il manque une virgule entre deux valeurs
wrong-no-key = Il faut une clé ici, faite de lettres sans accent, de chiffres, de - et de _
wrong-escape = Derrière \ ne peut figurer qu’un de ceux-ci : { $known }
wrong-literal = Ce n’est ni un nombre, ni une date, ni true ou false
wrong-size = Ce n’est pas une taille ; écrivez-la comme 500000000, "500 MB" ou "2 GiB"
wrong-window = Une fenêtre entre deux moments n’a pas de jours, et finit après son début
wrong-day = « { $word } » n’est pas un jour ; écrivez mon, tue, wed, thu, fri, sat ou sun
wrong-moment = « { $word } » n’est pas un moment ; écrivez-le comme "2026-12-24T18:00"
wrong-time = « { $word } » n’est pas une heure ; écrivez-la comme "02:30"
wrong-duration = « { $word } » n’est pas une durée ; écrivez-la comme "500ms", "10s", "5m" ou "2h"

month-1 = janv.
month-2 = févr.
month-3 = mars
month-4 = avr.
month-5 = mai
month-6 = juin
month-7 = juill.
month-8 = août
month-9 = sept.
month-10 = oct.
month-11 = nov.
month-12 = déc.
