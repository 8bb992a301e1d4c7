# Surveiller : contrôles, historique, exécutions, DORA
monitor-job-load = Lire les contrôles
monitor-job-run = Interroger les contrôles de { $name }
monitor-job-watch = Surveiller contrôles et instances
monitor-job-history = Lire l’historique
monitor-job-executions = Lire les exécutions
monitor-job-dora = Calculer les chiffres DORA
monitor-incident = { $check } ne répond plus : { $why }
monitor-no-checks = Il n’y a rien à contrôler
monitor-no-checks-hint = Écrivez un [[check]] dans chantier.toml, ou déployez vers un environnement doté d’un contrôle de santé
monitor-down = { $n ->
    [1] Un contrôle échoue
   *[other] { $n } contrôles échouent
}
monitor-no-metric = Il n’y a pas de mesure « { $name } »
monitor-no-subject = Rien qui s’appelle « { $name } » n’a été mesuré
monitor-no-subject-hint = Il y a { $names }
monitor-left-out = { $n } de plus
monitor-left-out-hint = { $n } de plus : choisissez avec --subject ou --environment
monitor-no-rule = Il n’y a pas de règle d’alerte « { $name } »
monitor-no-rule-hint = Il y a { $names } ; * signifie toutes les règles
monitor-no-rules-hint = Écrivez [[alert]] dans chantier.toml
monitor-scrape-silent = { $name } ne donne pas de métriques ({ $url }) : { $why }
monitor-scrape-no-metrics = la réponse « { $line } » n’est pas une métrique
monitor-scrape-status = la réponse est { $status }
monitor-scrape-long = la réponse dépasse { $mb } Mo
monitor-scrape-many = { $name } donne { $n } séries, { $kept } sont gardées
monitor-scrape-many-hint = Choisissez avec keep, ou augmentez max_series, dans [[scrape]] de chantier.toml
monitor-no-metric-hint = Écrivez cpu, memory, latency, up, free, value ou days
monitor-no-metric-scraped-hint = Il y a entre autres { $names } ; celles de Chantier sont cpu, memory, latency, up, free, value et days
monitor-buckets = Les tranches d’un histogramme ne sont pas dessinées une à une (« { $name } »)
monitor-no-duration = « { $text } » n’est pas une durée
monitor-elsewhere = Un autre programme surveille déjà
monitor-metric-cpu = Processeur
monitor-metric-memory = Mémoire
monitor-metric-latency = Latence
monitor-metric-up = Disponibilité
monitor-dora-frequency-line = Fréquence de déploiement         { $n } par semaine ({ $total } en tout)
monitor-dora-lead-line = Délai des changements            { $time } (médiane de { $n ->
    [one] { $n } commit
   *[other] { $n } commits
})
monitor-dora-failure-line = Taux d’échec des changements     { $rate } ({ $n } sur { $total })
monitor-dora-restore-line = Temps de rétablissement          { $time } (médiane de { $n })
monitor-tab-dashboards = Tableaux de bord
monitor-tab-checks = Contrôles
monitor-tab-history = Historique
monitor-range-minutes = 20 min
monitor-range-hour = 1 h
monitor-range-day = 24 h
monitor-range-week = 7 j
monitor-trust-changed = { $name } a changé depuis que vous lui faites confiance : la surveillance continue avec ce qui était approuvé
monitor-old-answer = Interrogé pour la dernière fois { $ago } : { $was }, { $why }
monitor-range-month = 30 j
monitor-check-now = Contrôler maintenant
monitor-is-checking = Les contrôles sont en cours
monitor-look = Relire
monitor-edit-checks = Modifier les contrôles
monitor-whole = Afficher toute la période
monitor-n-checks = { $n ->
    [0] aucun contrôle
    [one] { $n } contrôle
   *[other] { $n } contrôles
}
monitor-n-down = { $n } en panne
monitor-n-at-risk = { $n } fragile
monitor-n-open-incidents = { $n ->
    [one] { $n } incident ouvert
   *[other] { $n } incidents ouverts
}
monitor-n-deployments = { $n ->
    [one] { $n } déploiement affiché
   *[other] { $n } déploiements affichés
}
monitor-filter-checks = Filtrer les contrôles
monitor-filter-history = Filtrer l’historique
monitor-filter-nothing = Rien ne correspond
monitor-no-workspace = Choisissez un espace de travail en haut : ses contrôles, ses mesures et ses chiffres DORA apparaîtront ici
monitor-up = répond
monitor-said = { $what } : { $why }
monitor-is-down = en panne
monitor-at-risk = fragile
monitor-col-state = État
monitor-col-name = Contrôle
monitor-col-what = Ce qui est demandé
monitor-col-uptime = Dispo.
monitor-col-recent = Dernières réponses
monitor-col-since = Depuis
monitor-col-environment = Environnement
monitor-col-instance = Instance
monitor-col-version = Version
monitor-col-started = Démarrage
monitor-col-lasted = Durée
monitor-col-exit = Sortie
monitor-why = Pourquoi
monitor-every = Toutes les
monitor-asked = Interrogé
monitor-answer = Réponse
monitor-recent-words = { $good } bonnes réponses sur { $n }
monitor-replaced = remplacée
monitor-no-lives = Aucune instance n’a encore démarré ici. Chaque démarrage, arrêt et plantage d’une version déployée est gardé dans cette liste
monitor-open-deploy = Ouvrir Déployer
monitor-nothing-measured = Rien n’a été mesuré pendant cette période. Les instances déployées sont mesurées toutes les cinq secondes tant que ce programme tourne
monitor-of-one-core = d’un cœur
monitor-share-up = part de bonnes réponses
monitor-broken-off = Une question a été interrompue par un défaut de ce programme
monitor-not-watched = pas encore surveillé
monitor-watching = { $checks ->
    [one] { $checks } contrôle
   *[other] { $checks } contrôles
} et { $instances ->
    [one] { $instances } instance
   *[other] { $instances } instances
} sous surveillance, { $samples ->
    [one] { $samples } mesure
   *[other] { $samples } mesures
}
monitor-dora-frequency = Fréquence de déploiement
monitor-dora-lead = Délai des changements
monitor-dora-failure = Taux d’échec
monitor-dora-restore = Temps de rétablissement
monitor-dora-a-week = par semaine
monitor-dora-median-of = médiane de { $n }
monitor-dora-n-of = { $n } sur { $total }
monitor-trend-none = rien avant
monitor-trend-same = comme avant
monitor-trend-up = en hausse, avant { $was }
monitor-trend-down = en baisse, avant { $was }
monitor-n-of-n-up = { $n } sur { $total } répondent
monitor-incidents = Incidents
monitor-n-open = { $n } en cours
monitor-incident-over = { $ago }, a duré { $lasted }
monitor-incident-since = en cours depuis { $lasted }
monitor-job-prometheus = Interroger Prometheus
monitor-no-server = Aucun serveur ne s’appelle { $name }
monitor-no-servers = Aucun serveur Prometheus n’est connu
monitor-no-servers-hint = Nommez-en un dans chantier.toml ([[prometheus]] avec name et url), ou interrogez-en un avec --url http://127.0.0.1:9090
monitor-which-server = { $n } serveurs sont connus : lequel interroger ?
monitor-which-server-hint = --server avec l’un de ceux-ci : { $names }
monitor-answer-long = La réponse dépasse { $mb } Mo
monitor-no-prometheus = Ce qui a répondu (HTTP { $status }) n’est pas un serveur Prometheus
monitor-query-wrong = Le serveur n’a pas accepté la requête : { $why }
monitor-query-hint = Il a été interrogé à { $url }
monitor-query-nothing = rien dans cette période
monitor-no-time = Ce n’est pas une date : { $text }
monitor-no-time-hint = Écrivez-la comme 2027-01-15T20:00:00Z
