# Surveiller : contrôles, historique, exécutions, DORA
monitor-job-load = Lire les contrôles
monitor-job-run = Interroger les contrôles de { $name }
monitor-job-watch = Surveiller contrôles et instances
monitor-job-history = Lire l’historique
monitor-job-executions = Lire les exécutions
monitor-job-dora = Calculer les chiffres DORA
monitor-incident = { $check } ne répond plus : { $why }
monitor-no-checks = Il n’y a rien à contrôler
monitor-no-checks-hint = Écrivez un [[check]] dans chantier.toml, ou déployez vers un environnement doté d’un contrôle de santé
monitor-down = { $n ->
    [one] Un contrôle échoue
   *[other] { $n } contrôles échouent
}
monitor-no-metric = Il n’y a pas de mesure « { $name } »
monitor-no-metric-hint = Écrivez cpu, memory, latency ou up
monitor-no-duration = « { $text } » n’est pas une durée
monitor-elsewhere = Un autre programme surveille déjà
monitor-metric-cpu = Processeur
monitor-metric-memory = Mémoire
monitor-metric-latency = Latence
monitor-metric-up = Disponibilité
monitor-dora-frequency-line = Fréquence de déploiement         { $n } par semaine ({ $total } en tout)
monitor-dora-lead-line = Délai des changements            { $time } (médiane de { $n } commits)
monitor-dora-failure-line = Taux d’échec des changements     { $rate } ({ $n } sur { $total })
monitor-dora-restore-line = Temps de rétablissement          { $time } (médiane de { $n })
