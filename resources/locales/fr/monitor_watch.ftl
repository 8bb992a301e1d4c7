# Surveiller : réponses des contrôles, alertes
monitor-job-alerts = Lire les alertes
monitor-job-ack = Acquitter l’alerte { $n }
monitor-job-silence = Mettre des alertes en sourdine
monitor-job-end-silence = Lever une sourdine
monitor-job-test = Essayer les canaux
monitor-wrong = mauvaise réponse
monitor-flapping = instable
monitor-slow = lent
monitor-maintenance = maintenance
monitor-maintenance-until = Maintenance jusqu’à { $until }
monitor-need-down = Inconnu, car { $name } est en panne
monitor-nothing-there = Rien n’en est déployé
monitor-place = { $name }, { $what } : { $why } ; { $good } sur { $n } répondent
monitor-slow-why = Répond en { $took } ms, plus de { $limit } ms
monitor-flapping-why = Change sans cesse d’état sur les { $n } dernières réponses ; maintenant : { $last }
monitor-no-check = Il n’y a pas de contrôle « { $name } »
monitor-no-check-hint = Il y a { $names }
monitor-metric-free = Espace libre
monitor-metric-value = Valeur
monitor-metric-days = Jours avant la fin du certificat
ask-not-there = Il n’y a pas de { $name }
ask-json-missing = { $path } n’est pas dans la réponse
ask-value-differs = { $name } vaut { $found } au lieu de { $wanted }
ask-value-no-number = { $name } vaut { $found }, qui n’est pas un nombre
ask-value-not-above = { $name } vaut { $found }, pas plus de { $limit }
ask-value-not-below = { $name } vaut { $found }, pas moins de { $limit }
ask-redirected-on = Renvoie sans fin : encore { $status } après { $n } redirections, vers { $location }
ask-redirected = Répond { $status } au lieu de { $expected } : allez à { $location } ; redirects = 5 y va
ask-text-missing-in = Ne dit pas { $text } dans ses { $megabytes } premiers Mo
ask-text-there = Dit { $text }
ask-no-json = La réponse n’est pas du JSON
ask-tls-refused-as-wanted = Refusé comme attendu : { $why }
ask-tls-other-problem = Refusé à cause de { $why } au lieu de { $wanted }
ask-tls-trusted = Le certificat est accepté, alors que { $wanted } est attendu
ask-tls-ends = Le certificat expire dans { $days } jours, avant les { $wanted } demandés
ask-tls-good = Le certificat est valable { $days } jours
ask-dns-no-server = Cette machine ne nomme aucun serveur DNS
ask-dns-refused = Le serveur dit { $word }
ask-dns-refused-own = Le serveur DNS de cette machine, { $server }, dit { $word } ; /etc/hosts n’est pas consulté
ask-dns-none = Il n’y a pas d’enregistrement { $record }
ask-dns-without = { $found } ne contient pas { $part }
ask-found = { $found }
ask-n-run = { $n ->
    [0] Aucun processus ne tourne
    [1] Un processus tourne
   *[other] { $n } processus tournent
}
ask-suspended = { $n ->
    [1] Un est suspendu par un signal (SIGSTOP)
   *[other] { $n } sont suspendus par un signal (SIGSTOP)
}, { $running ->
    [0] aucun ne tourne
    [1] un tourne
   *[other] { $running } tournent
}
ask-none-runs = Aucun { $name } ne tourne
ask-too-few-run = { $n } tournent au lieu de { $wanted }
ask-unit = { $state } ({ $sub })
ask-unit-failed = en échec ({ $result })
ask-container-state = { $state }, code de sortie { $code }
ask-container-unhealthy = En mauvaise santé : { $why }
ask-container-unwell = En mauvaise santé
ask-container-loop = Redémarre sans cesse : { $n } fois jusqu’ici
ask-container-paused = En pause : il reste immobile
ask-container-starting = Démarre, pas encore en bonne santé
ask-container-healthy = En bonne santé
ask-container-runs = Tourne
ask-output-differs = N’écrit pas { $pattern } : { $words }
ask-exited = Code de sortie { $code }
ask-disk = { $free } libres ({ $percent } %)
ask-disk-percent = { $free } libres ({ $percent } %), moins de { $wanted } %
ask-disk-bytes = { $free } libres ({ $percent } %), moins de { $wanted }
ask-no-value = Aucune valeur
mail-failed = { $server } n’accepte pas le courriel
monitor-burns = Consomme son budget d’erreur { $rate } fois plus vite qu’un SLO de { $slo } % ne le permet
monitor-absent = Pas de { $metric } depuis { $age }
monitor-beyond = { $metric } vaut { $value } { $sign } { $limit }
monitor-within = { $metric } vaut { $value }
monitor-told-title = [{ $word }] { $workspace } : { $subject }
monitor-message-was = C’était : { $message }
monitor-alert-gone = plus surveillé : chantier.toml ne le nomme plus
monitor-message-resolved = résolue
monitor-message-again = toujours active
monitor-message-environment = environnement : { $value }
monitor-message-since = depuis : { $value }
monitor-message-until = jusqu’à : { $value }
monitor-message-incident = incident : { $value }
monitor-test-message = Ceci est un essai : tout va bien
monitor-webhook-refused = Le webhook répond { $status }
monitor-no-channel = Il n’y a pas de canal « { $name } »
monitor-no-channels = Personne ne serait averti
monitor-no-channels-hint = Écrivez un [[notify]] dans chantier.toml
monitor-no-alert = Il n’y a pas d’alerte { $n }
monitor-alert-not-firing = L’alerte { $n } n’est pas active : il n’y a rien à acquitter
monitor-no-silence = Il n’y a pas de sourdine { $n }
monitor-severity-info = info
monitor-severity-warning = attention
monitor-severity-critical = critique
monitor-alert-firing = active
monitor-alert-acked = acquittée
monitor-alert-silenced = en sourdine
monitor-alert-pending = en attente
monitor-alert-resolved = résolue
monitor-delivery-queued = en attente
monitor-delivery-sending = en cours d’envoi
monitor-delivery-done = remis
monitor-delivery-failed = abandonné
monitor-delivery-unsure = incertain : le programme s’est arrêté pendant l’envoi
monitor-told-fired = averti
monitor-told-again = averti de nouveau
monitor-told-resolved = averti de la fin
monitor-silence-line = Sourdine { $n } : { $rule } { $subject } jusqu’à { $until }, par { $by }
monitor-no-alerts = Aucune alerte
monitor-rule-unheard = Mesure jamais reçue jusqu’ici
monitor-no-alerts-hint = Les règles s’écrivent en [[alert]] dans chantier.toml, et les canaux en [[notify]]
monitor-channel-takes = a pris le message
monitor-tab-alerts = Alertes
monitor-filter-alerts = Filtrer les alertes
monitor-n-firing = { $n ->
    [0] { $n } alerte active
    [one] { $n } alerte active
   *[other] { $n } alertes actives
}
monitor-col-rule = Règle
monitor-col-subject = À propos de
monitor-col-severity = Gravité
monitor-col-message = Message
monitor-ack = Acquitter
monitor-silence-hours = Sourdine de 2 h
monitor-silence-day = Sourdine d’un jour
monitor-unsilence = Lever la sourdine
monitor-test-channels = Essayer les canaux
monitor-edit-alerts = Modifier les règles
monitor-fired = Déclenchée
monitor-resolved = Résolue
monitor-acked-by = Acquittée par
monitor-deliveries = Qui a été averti
monitor-nobody-told = Personne
monitor-rules = Règles
monitor-channels = Canaux
monitor-silences = Sourdines
monitor-everything = tout
monitor-silence-until = { $rule } jusqu’à { $until }
monitor-incident-n = Incident { $n }
monitor-col-incident = Incident
monitor-needs = Dépend de
monitor-col-kind = Genre
monitor-job-unit = Tenir la surveillance comme unité de systemd
monitor-not-recording = Rien n’est enregistré : { $why }
monitor-records-again = { $n ->
    [0] L’enregistrement reprend ; il ne manque rien
    [1] L’enregistrement reprend ; il manque une mesure
   *[other] L’enregistrement reprend ; il manque { $n } mesures
}
watch-unit-refused = systemd refuse { $path }
watch-unit-away = Le systemd de votre utilisateur ne répond pas
watch-unit-away-hint = Le fichier est écrit : dans une session avec systemd, `systemctl --user enable --now { $unit }` la démarre
watch-unit-not-written = Il n’y a pas d’unité : `chantier watch install` écrit { $path }
watch-unit-written = Unité { $path }
watch-unit-old = Unité { $path }, écrite par un autre programme ou avec d’autres dossiers : `chantier watch install` la réécrit
watch-unit-state = { $active }, { $enabled }
watch-watched-by = Le processus { $pid } surveille depuis { $since }
watch-nobody = Personne ne surveille en ce moment
watch-nothing-added = Aucun espace de travail n’est ajouté : rien n’est surveillé avant
watch-nothing-added-hint = Ajoutez-le avec chantier devops add CHEMIN ; ce qui est ajouté entre-temps est surveillé aussitôt
monitor-job-compare = Comparer avant et après un déploiement
monitor-job-objectives = Calculer disponibilité et budgets d’erreur
monitor-job-page = Écrire la page d’état { $path }
monitor-no-deployment = Il n’y a pas de déploiement { $n }
monitor-nothing-deployed = Aucun déploiement n’a encore été sain
monitor-compare-line = { $environment } : { $version } après { $before } (déploiement { $n })
monitor-compare-nothing = Rien n’a été mesuré autour
monitor-median = médiane
monitor-p95 = 95e centile
monitor-lives-line = { $starts ->
    [0] aucun démarrage
    [1] un démarrage
   *[other] { $starts } démarrages
}, { $crashes ->
    [0] aucun plantage
    [1] un plantage
   *[other] { $crashes } plantages
}
monitor-all-checks = tous les contrôles
monitor-over-days = sur { $n } jours
monitor-full-at = plein le { $at } à { $pace } par jour
monitor-full-late = pas plein avant un an à { $pace } par jour
monitor-full-never = l’espace ne diminue pas
monitor-page-written = { $path }, { $size }
monitor-page-title = État
monitor-page-others = Contrôles
monitor-page-foot = Chaque barre est un jour des { $days } derniers. Produit par Chantier
monitor-page-nothing = Rien n’a encore été interrogé
monitor-page-all-up = Tout fonctionne
monitor-page-impaired = { $n ->
    [0] Aucun contrôle n’est dégradé
    [1] Un contrôle est dégradé
   *[other] { $n } contrôles sont dégradés
}
monitor-page-down = { $n ->
    [0] Aucun contrôle n’est en panne
    [1] Un contrôle est en panne
   *[other] { $n } contrôles sont en panne
}
monitor-page-not-asked = pas interrogé
monitor-page-uptime = { $share } de disponibilité sur { $days ->
    [0] { $days } jour
    [one] { $days } jour
   *[other] { $days } jours
}
monitor-page-times = Temps de réponse du dernier jour
monitor-page-no-incidents = Aucun incident dans les { $days } derniers jours
monitor-page-lasted = a duré { $lasted }
monitor-tab-objectives = Objectifs
monitor-slo-broken = manqué
monitor-slo-danger = menacé
monitor-slo-kept = tenu
monitor-slo-none = sans objectif
monitor-environment-row = tout { $name }
monitor-no-slo-hint = Un [[check]] de chantier.toml avec `slo = 99.9` a un budget d’erreur
monitor-col-slo = Objectif
monitor-col-left = Budget restant
monitor-col-forecast = Prévision
monitor-burn-in = Consommé en { $n } h
monitor-what-it-means = Ce que cela veut dire
monitor-slo-meaning = L’objectif dit quelle part des réponses doit être bonne. Ce qu’il permet de rater est le budget d’erreur ; à 1×, il dure exactement la période. La maintenance et les réponses qu’on n’a pas pu demander ne comptent pas
monitor-instances-lived = La vie des instances
monitor-range-year = 1 an
monitor-compare-title = Avant et après
monitor-compare-link = Déploiement { $n } vers { $environment }
monitor-compare-values = médiane { $before } → { $after }, p95 { $p95_before } → { $p95_after }
monitor-percentiles = Centiles de latence
monitor-dora-definitions = Comment les quatre sont comptés
monitor-dora-frequency-means = Fréquence : déploiements par semaine vers le dernier environnement protégé, sans les retours à une version antérieure
monitor-dora-lead-means = Délai : d’un commit au moment où la version qui l’apporte est saine ; pour les commits fusionnés ou rebasés, depuis le travail d’origine
monitor-dora-failure-means = Taux d’échec : déploiements jamais sains, annulés, ou pendant lesquels un incident a commencé
monitor-dora-restore-means = Temps de rétablissement : de l’échec ou de l’ouverture de l’incident jusqu’au retour à la normale
monitor-job-errors = Lire les erreurs des instances
monitor-job-error = Modifier l’erreur { $n }
monitor-no-error = Il n’y a pas d’erreur { $n }
monitor-no-errors = Aucune instance n’a écrit de trace d’erreur
monitor-error-new = nouvelle
monitor-error-acknowledged = prise en charge
monitor-error-resolved = résolue
monitor-error-back = revenue
monitor-suspect-line = suspect { $suspect }
monitor-tab-errors = Erreurs
monitor-filter-errors = Filtrer les erreurs
monitor-col-error = Erreur
monitor-col-count = Nombre
monitor-col-last = Dernière fois
monitor-col-first = Première fois
monitor-col-place = Où
monitor-first-version = D’abord dans la version
monitor-resolved-in = Résolue dans
monitor-suspect = Commit suspect
monitor-trace = Dernière trace
monitor-resolve-next = Résolue
monitor-reopen = Rouvrir
watch-listen-where = { $address } n’est pas une adresse propre à cette machine
watch-listen-where-hint = Écrivez 127.0.0.1:9200 ou [::1]:9200
watch-listen-failed = On ne peut pas écouter sur { $address }
watch-listening = Mesures sur { $address }
monitor-per-second = par seconde
monitor-retries = Nouvelles tentatives
