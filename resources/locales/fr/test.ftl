# Tester
test-job-refresh = Rechercher les tests
test-job-list = Lister les tests de { $name }
test-job-run-all = Tester { $name }
test-job-run-failed = Relancer les tests en échec de { $name }
test-job-run-named = Tester { $names }
test-job-run-some = { $n ->
    [one] Lancer { $n } test
   *[other] Lancer { $n } tests
}
test-job-site = { $runner } dans { $dir }
test-job-import = Importer { $file }
test-job-show = Rechercher des résultats de tests

test-failed = { $total ->
    [1] Le seul test a échoué
   *[other] { $failed ->
        [one] { $failed } test sur { $total } a échoué
       *[other] { $failed } tests sur { $total } ont échoué
    }
}
test-does-not-compile = Les tests ne compilent pas : { $what }
test-explain-hint = rustc --explain { $code } en dit plus
test-collect-failed = Les tests n’ont pas pu être collectés : { $what }
test-import-hint = « { $name } » ne s’importe pas ici : si c’est ce projet, python3 -m pip install --editable . (dans .venv, qui est trouvé), sinon installez-le
test-runner-failed = { $runner } n’a pas pu lancer les tests : { $what }
test-no-sites = Aucun test trouvé ici
test-no-sites-hint = Chantier connaît cargo test, cargo-nextest, pytest, unittest, go test, CTest, les scripts de package.json qui lancent vitest, jest, mocha, node --test ou tape, ainsi que les tâches de type « test » de chantier.toml qui écrivent du TAP ou des fichiers JUnit
test-not-listed = { $runner } dans { $dir } ne peut pas nommer ses tests avant de les avoir lancés
test-not-listed-hint = Lancez-les une fois : chantier test run
test-npm-hint = Les outils de package.json ne sont pas installés ici : lancez d’abord « npm install »
test-none-found = Aucun test n’a été trouvé par cette exécution
test-none-found-hint = Vérifiez les filtres et les noms des fichiers de tests
test-none-failed = Aucun test n’a échoué à sa dernière exécution
test-none-failed-hint = Lancez-les tous
test-no-such = Il n’y a pas de test « { $names } »
test-no-such-hint = « chantier test list » les nomme tous
test-gone = { $name } n’existe plus : l’exécution complète { $run } ne l’avait plus ; voici son dernier résultat
test-several = « { $name } » désigne { $n } tests
test-no-run = Il n’y a pas d’exécution { $run }
test-no-pytest = pytest n’est pas installé pour { $python }
test-no-environment-hint = C’est un projet { $tool } et son environnement n’est pas là : { $command }
test-no-pytest-hint = Installez-le : { $python } -m pip install pytest, ou le paquet python3-pytest
test-list-unreadable = La liste de { $runner } est illisible
test-junit-truncated = Le rapport s’interrompt ; ce qui précède a été repris
test-junit-broken = Le rapport est mal formé ; ce qui précède a été repris
test-junit-none = Ce fichier n’est pas un rapport JUnit
test-junit-too-deep = Le rapport est imbriqué trop profondément
test-junit-doctype = Le rapport déclare un type de document ; ses entités n’ont pas été utilisées

test-n-tests = { $n ->
    [0] aucun test
    [one] { $n } test
   *[other] { $n } tests
}
test-counts = { $passed ->
    [one] { $passed } réussi
   *[other] { $passed } réussis
}, { $failed } en échec, { $skipped ->
    [one] { $skipped } ignoré
   *[other] { $skipped } ignorés
}
test-line-started = { $runner } : { $what }

test-tab-results = Résultats
test-tab-runs = Exécutions
test-col-test = Test
test-col-state = État
test-col-history = 30 dernières exécutions
test-col-time = Durée
test-col-when = Quand
test-col-runner = Outil
test-col-what = Quoi
test-col-commit = Commit
test-n-passed = { $n ->
    [one] { $n } réussi
   *[other] { $n } réussis
}
test-n-skipped = { $n ->
    [one] { $n } ignoré
   *[other] { $n } ignorés
}
test-n-flaky = { $n ->
    [one] { $n } instable
   *[other] { $n } instables
}
test-n-not-run = { $n ->
    [one] { $n } jamais lancé
   *[other] { $n } jamais lancés
}
test-word-passed = réussi
test-word-failed = en échec
test-word-skipped = ignoré
test-word-flaky = instable
test-word-fixed = réparé
test-word-not-run = jamais lancé
test-word-new-failure = nouvel échec
test-word-failed-runs = { $n } échecs de suite
test-failed-of = { $failed } sur { $total }
test-n-failed = { $n } en échec
test-strip = { $passed ->
    [one] { $passed } réussite
   *[other] { $passed } réussites
} sur les { $total } dernières
test-run-number = exécution nº { $run }
test-what-all = tout
test-what-failed = ce qui avait échoué
test-what-changed = ce qui avait changé
test-what-changed-since = ce qui avait changé depuis { $revision }
test-with-changes = avec des changements
test-why-in = dans { $commit }, { $age }
test-fact-run = Exécution
test-fact-since = En échec depuis
test-fact-reason = Raison
test-output = Sortie
test-past = Derniers résultats

test-run-all = Tout lancer
test-run-failed = Relancer les échecs ({ $n })
test-run-again = Relancer
test-run-n = { $n ->
    [one] Lancer { $n } test
   *[other] Lancer { $n } tests
}
test-stop = Arrêter
test-find = Rechercher les tests
test-import = Importer un fichier JUnit…
test-refresh = Actualiser
test-copy-name = Copier le nom
test-copy-output = Copier la sortie
test-show-log = Voir le journal
test-filter = Filtrer les tests
test-filter-nothing = Aucun test ne porte ce nom
test-running = Des tests sont en cours
test-untrusted = Accordez d’abord votre confiance à l’espace de travail : ses tests sont des programmes
test-choose-workspace = Choisissez un espace de travail pour voir ses tests
test-empty = Ici figurent les tests et leurs résultats des trente dernières exécutions
test-runs-empty = Ici figurent les exécutions de tests
test-subtitle = { $n ->
    [one] { $n } test
   *[other] { $n } tests
}{ $failed ->
    [0] , aucun en échec
   *[other] , { $failed } en échec
}
test-col-passed = Réussis
test-col-failed = Échecs
test-col-skipped = Ignorés
test-col-number = Nº

test-no-jobs = On ne peut pas dire à { $runner } combien de tests lancer à la fois
test-no-tool = { $tool } n’est pas installé dans { $dir }
test-hung = { $runner } n’a rien donné pendant { $secs } s et a été arrêté ; ce qui venait ensuite n’a pas été lancé
test-hung-many = { $n ->
    [1] { $runner } s’est bloqué plus souvent qu’il n’est relancé ; 1 test n’a pas été lancé, chaque fois après { $secs } s de silence
   *[other] { $runner } s’est bloqué plus souvent qu’il n’est relancé ; { $n } tests n’ont pas été lancés, chaque fois après { $secs } s de silence
}
test-crashed-many = { $n ->
    [1] { $runner } a pris fin trop tôt plus souvent qu’il n’est relancé ; 1 test n’a pas été lancé
   *[other] { $runner } a pris fin trop tôt plus souvent qu’il n’est relancé ; { $n } tests n’ont pas été lancés
}
test-runner-cut = { $runner } a pris fin avant que tous ses tests aient été lancés
test-not-all = { $runner } a pris fin après { $done } des { $total } tests qu’il avait choisis
test-line-running = Toujours en cours depuis { $secs } s : { $names } (une limite y met fin : --timeout 1m, ou timeout dans [test] de chantier.toml)
test-line-silent = Aucun résultat depuis { $secs } s (une limite met fin à un test bloqué : --timeout 1m, ou timeout dans [test] de chantier.toml)
test-line-was-running = Arrêté pendant que ceci tournait : { $names }
test-withheld-hint = { $name } est défini dans votre shell et ne fait pas partie des variables transmises aux programmes : chantier config set tools.pass_env { $name }
test-hung-hint = Une limite plus longue : chantier test run --timeout 5m
test-no-duration = « { $text } » n’est pas une durée comme 500ms, 30s ou 2m
test-job-run-changed = Tester ce qui a changé dans { $name }
test-none-changed = Rien de ce qu’un test voit n’a changé
test-rule-cargo = les paquets dont un fichier a changé et ceux qui en ont besoin
test-rule-go = les paquets dont un fichier a changé et ceux dont les tests en sont construits
test-rule-imports = les fichiers de tests qui ont changé ou qui importent ce qui a changé
test-rule-needs = tout, car il a besoin d’un paquet dont un fichier a changé
test-rule-data = tout, car aucune importation ne dit quels tests lisent un fichier qui a changé
test-rule-site = tout, car cet outil ne dit pas de quoi ses tests ont besoin
test-all-suites = tous les tests
test-n-suites = { $n ->
    [one] { $n } suite
   *[other] { $n } suites
}
test-reason = { $runner } dans { $dir }, { $n ->
    [one] { $n } fichier changé
   *[other] { $n } fichiers changés
} : { $suites } ({ $rule })
test-job-flaky = En savoir plus sur { $name }
test-job-report = Écrire les rapports de tests de { $name }
test-job-record = Noter { $name }
test-not-alone = { $name } ne peut pas être lancé seul par son outil
test-not-alone-hint = Chantier ne peut pas choisir un seul test de tape ou d’une tâche de chantier.toml
test-nothing-to-compare = Il n’y a pas deux exécutions de tous les tests d’un même outil
test-nothing-to-report = Il n’y a aucun résultat à rapporter
test-report-failed = Le rapport n’a pas pu être fait
test-report-title = Rapport de tests
test-report-failures = Échecs
test-report-slowest = Les plus lents
test-report-all = Tous les tests
test-badge = tests
test-tab-coverage = Couverture
test-coverage-broken = Le fichier de couverture n’a pas pu être lu : { $why }
test-coverage-elsewhere = { $n ->
    [1] Le fichier du rapport n’est pas dans cet espace de travail : { $path }
   *[other] Aucun des { $n } fichiers du rapport n’est dans cet espace de travail, ainsi { $path }
}
test-coverage-elsewhere-hint = Faites le rapport pour ces sources, ou reprenez-le dans leur espace de travail
test-no-coverage = Il n’y a pas encore de couverture
test-no-coverage-hint = Reprendre un fichier de lcov, Cobertura ou llvm-cov : chantier test coverage import FICHIER
test-no-plan = Il n’y a pas de plan de tests « { $name } »
test-no-plan-case = Le plan « { $plan } » n’a pas de cas « { $name } »
test-plan-broken = Le plan de tests « { $name } » ne peut pas être lu : { $why }
test-change-new-failure = nouveaux échecs
test-change-still-failing = encore en échec
test-change-fixed = réparés
test-change-slower = plus lents
test-change-faster = plus rapides
test-change-added = ajoutés
test-change-gone = disparus
test-change-not-run = pas lancés cette fois
test-verdict-genuine = échec réel
test-verdict-flaky = instable
test-verdict-environment = dépend de son environnement
test-verdict-steady = stable
test-flaky-always = il a échoué à chaque fois, seul, sous charge et à côté des autres
test-flaky-alone = seul et sans que rien ne change, il a réussi et échoué
test-flaky-needs-others = seul il échoue toujours, mais pas à côté des autres : il a besoin de ce qu’ils laissent
test-flaky-load = il n’échoue que quand la machine est occupée
test-flaky-company = il n’échoue qu’à côté des autres : ils partagent quelque chose
test-flaky-gone = il a échoué avant et pas une fois maintenant
test-flaky-never = il a réussi à chaque fois
test-tries = { $failed ->
    [0] aucun échec
    [1] { $failed } échec
   *[other] { $failed } échecs
} sur { $total }
test-flaky-verdict = { $name } : { $verdict }
test-flaky-alone-word = Seul
test-flaky-load-word = Sous charge
test-flaky-company-word = Avec tous les autres
test-flaky-past-word = Avant
test-gate-pass-rate = { $found } % de réussite, { $wanted } % demandés ({ $failed ->
    [0] aucun échec
    [1] 1 échec
   *[other] { $failed } échecs
})
test-gate-nothing-ran = aucun test n’a été lancé, { $wanted } % demandés
test-gate-broken-off = la dernière exécution de { $runners } n’est pas arrivée à sa fin
test-gate-new-failures = { $n ->
    [0] aucun nouvel échec
    [one] { $n } nouvel échec
   *[other] { $n } nouveaux échecs
}
test-gate-coverage = { $found } % des lignes ont été exécutées, { $wanted } % demandés
test-gate-coverage-change = { $found } % des lignes ont été exécutées, { $before } % avant
test-gate-coverage-first = { $found } % des lignes ont été exécutées, et rien n’est connu d’avant
test-gate-no-coverage = rien n’est connu de la couverture
test-gate-more = { $n ->
    [0] Tous les autres seuils sont atteints
    [1] Un autre seuil n’est pas atteint
   *[other] { $n } autres seuils ne sont pas atteints
}
test-gate-met = atteint
test-gate-not-met = pas atteint
test-written = Écrit : { $path }
test-compare-head = Exécution { $before } et exécution { $after }
test-n-same = { $n } comme avant
test-covered = { $percent } % de { $total } lignes
test-covered-before = { $percent } % avant
test-missed-changed = { $n ->
    [0] aucune ligne changée n’a été manquée
    [one] { $n } ligne changée qu’aucun test n’a exécutée
   *[other] { $n } lignes changées qu’aucun test n’a exécutées
}
test-tab-failures = Échecs
test-tab-compare = Comparer
test-col-change = Changement
test-col-before = Avant
test-col-after = Après
test-col-message = Message
test-col-error = Erreur
test-col-count = Tests
test-col-file = Fichier
test-col-covered = Exécuté
test-col-lines = Lignes
test-col-changed = Lignes changées
test-col-missed = Pas exécuté
test-changed-covered = toutes exécutées
test-changed-missed = { $n } pas exécutées
test-failures-empty = Ici se trouvent les échecs, groupés par ce qu’ils disent
test-compare-empty = Ici se trouvent deux exécutions côte à côte : nouveaux échecs, réparés, plus lents
test-compare-newest = Comparer les deux dernières
test-compare-with = Comparer à l’exécution nº { $run }
test-coverage-empty = Ici se trouvent les lignes que les tests ont exécutées
test-coverage-import = Importer un fichier de couverture…
test-run-changed = Lancer ce qui a changé
test-n-stale = { $n } périmés
test-word-stale = { $word }, périmé
test-stale-hint = Les sources ont changé depuis ce résultat
test-judge = Est-il instable ?
test-flaky-title = Instable ?
test-by-hand = Des personnes s’en chargent
test-plan-expected = Attendu : { $words }
test-no-message = Sans message
test-mark-passed = Noter réussi
test-mark-failed = Noter échoué
test-mark-skipped = Noter ignoré
test-tab-slow = Lents et fuites
test-slow-no-times = Aucun test n’a rien laissé derrière lui, et l’outil qui les a lancés ne dit pas leur durée : cargo test dit seulement lesquels réussissent. Avec cargo-nextest, les plus lents viennent ici
test-slow-empty = Ici viennent les tests les plus lents, une fois lancés, et ceux qui laissent des processus, des fichiers ou des ports derrière eux
test-col-left = Laissé derrière
test-leaves = laisse { $what } derrière lui
test-left-unknown = Cette exécution (on ne sait pas quel test ; un test lancé seul est nommé)
test-left-output = quelque chose qui garde sa sortie ouverte
test-left-processes = { $n ->
    [0] aucun processus
    [1] 1 processus
   *[other] { $n } processus
}
test-left-files = { $n ->
    [0] aucun fichier
    [1] 1 fichier
   *[other] { $n } fichiers
}
test-left-ports = { $n ->
    [0] aucun port
    [1] 1 port
   *[other] { $n } ports
}
test-job-debug = Déboguer { $name }
test-debug = Déboguer
test-debug-title = Débogueur
test-debug-open = Ouvrir dans un terminal
test-debug-copy = Copier la commande
test-debug-install = Par exemple : { $command }
test-no-debugger = Aucun débogueur n’a été trouvé : { $name }
test-no-debug = { $name } ne peut pas être lancé seul, et ne peut donc pas être débogué
test-run-coverage = Tout lancer avec la couverture
test-no-coverage-of = { $runner } dans { $dir } ne dit pas quelles lignes il a exécutées
test-coverage-plugin-hint = pip install pytest-cov
test-coverage-import-hint = Un fichier lcov, Cobertura, llvm-cov, coverage.py ou go est repris ainsi : chantier test coverage import FICHIER
test-plan-twice = Deux plans de test s’appellent « { $name } » ; le fichier TOML est pris
test-plan-no-cases = Le plan de test « { $name } » n’a aucun cas
test-plan-no-cases-hint = Un cas est un titre « ## [ ] login: Log in » en Markdown, ou un [[case]] avec id et title en TOML
test-plan-no-tests = Aucun cas du plan de test « { $name } » ne nomme de test
test-plan-no-tests-hint = Un cas en nomme un comme test list l’affiche : test = "cargo/calc tests::adds", ou Test: en Markdown
test-job-plan = Lancer le plan de test { $name }
test-plan-run = Lancer son test
test-plan-run-all = Lancer les tests du plan
test-plan-note = Note
test-plan-evidence = Joindre un fichier…
