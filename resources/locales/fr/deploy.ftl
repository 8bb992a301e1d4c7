# deploy
deploy-job-refresh = Lire les environnements
deploy-job-run = Déployer vers { $environment }
deploy-job-run-version = Déployer { $version } vers { $environment }
deploy-job-roll-back = Faire revenir { $environment }
deploy-job-stop = Arrêter { $environment }
deploy-job-scale = { $environment } : { $n ->
    [1] une instance
   *[other] { $n } instances
}
deploy-job-weigh = Peser ce qu’un retour signifie pour les données de { $environment }
deploy-job-recover = Reprendre ce qui est resté à mi-chemin
deploy-job-show = Lire un déploiement
deploy-job-audit = Vérifier le journal d’audit

deploy-kind-deploy = déploiement
deploy-kind-rollback = retour
deploy-kind-stop = arrêt
deploy-act-words = { $what } : { $end }
deploy-act-scale = nombre d’instances
deploy-act-recover = reprise
deploy-act-rebuild = reconstruction
deploy-act-rehearse = répétition du retour
deploy-act-plan = plan
deploy-act-approval = accord
deploy-act-release = livraison
deploy-act-begin = commencé
deploy-act-refused = refusé
deploy-act-promote = promu
deploy-act-abort = abandonné
deploy-act-decide = décidé
deploy-act-confirm = étape confirmée
deploy-act-skip = étape passée
deploy-act-back = retour en cours
deploy-act-went-back = revenu
deploy-act-end = terminé
deploy-act-outside = fait à la main
deploy-act-yes = donné
deploy-act-no = refusé par avis
deploy-act-withdraw = retirée
deploy-act-restore = rétablie
deploy-target-process = processus locaux
deploy-protected = protégé

deploy-step-lock = Verrouiller l’environnement
deploy-step-check = Vérifier artefacts, ports et disque
deploy-step-stage = Mettre les artefacts en place
deploy-step-stop = Arrêter les anciennes instances
deploy-step-backup = Copier les données
deploy-step-migrate = Migrer les données
deploy-step-restore = Ramener les données d’avant
deploy-step-put-back = Remettre les données
deploy-step-start = Démarrer les nouvelles instances
deploy-step-gate = Contrôles de santé
deploy-step-verify = Vérifier ce qui tourne
deploy-step-clean-up = Terminer ce qui a été démarré
deploy-step-return = Revenir à la version précédente
deploy-step-not-reached = Pas atteinte

deploy-note-lock = Tenu par { $who }
deploy-note-check = { $n ->
    [0] Aucun artefact à vérifier
    [1] Un artefact a la bonne somme
   *[other] { $n } artefacts ont les bonnes sommes
}
deploy-note-stage = { $n ->
    [0] Rien à copier
    [1] Un fichier copié
   *[other] { $n } fichiers copiés
}
deploy-note-stop = { $n ->
    [0] Aucune ne tournait
    [1] Une instance terminée
   *[other] { $n } instances terminées
}
deploy-note-start = { $n ->
    [one] Processus { $pids }
   *[other] Processus { $pids }
}
deploy-note-start-named = { $names }
deploy-note-start-unit = { $unit } sur { $host }
deploy-note-gate = { $n ->
    [0] Aucun contrôle
    [1] Un contrôle réussi
   *[other] { $n } contrôles réussis
}
deploy-note-verify = { $version } tourne
deploy-note-return = { $version } tourne de nouveau
deploy-note-backup = Copie de { $rows ->
    [0] 0 ligne
    [1] 1 ligne
   *[other] { $rows } lignes
} dans { $tables ->
    [0] 0 table
    [1] 1 table
   *[other] { $tables } tables
}
deploy-note-migrate = { $n ->
    [0] Aucune table modifiée
    [1] Une table modifiée
   *[other] { $n } tables modifiées
}
deploy-note-restore = { $rows ->
    [0] 0 ligne
    [1] 1 ligne
   *[other] { $rows } lignes
} dans { $tables ->
    [0] 0 table
    [1] 1 table
   *[other] { $tables } tables
} comme avant, sommes comparées
deploy-note-data-same = Les données sont telles qu’elles étaient
deploy-data-copy-hint = Remettez la copie { $path } avec le programme de la base, puis : chantier recover { $environment }
deploy-note-data-kept = Les données restent migrées : la version précédente tournait et y a écrit
deploy-no-migration-there = Une migration ne peut pas être faite dans une cible du genre { $target }
deploy-migration-slow = La migration ne s’est pas terminée en { $secs } s
deploy-data-written = Quelque chose a été écrit entre-temps dans les données de { $environment }
deploy-data-choice = Les données de { $environment } ont été modifiées pour une version plus récente, et { $n ->
    [0] 0 table a été écrite
    [1] 1 table a été écrite
   *[other] { $n } tables ont été écrites
} depuis : { $version } ne peut pas simplement revenir
deploy-data-choice-hint = Choisissez : --restore-data ramène les données d’avant, --keep-data les laisse ; leur état actuel est d’abord copié
deploy-no-backup = Il n’y a pas de copie des données d’avant le remplacement de { $version }
deploy-backup-gone-hint = Elle a été supprimée avec les anciennes (`keep`) ; --keep-data revient sans elle
deploy-weighed-restore = Les données ont été modifiées pour une version plus récente et pas écrites depuis : celles de { $version } reviennent
deploy-weighed-choose = { $n ->
    [0] Les données ont été modifiées pour une version plus récente
    [1] Les données ont été modifiées pour une version plus récente, et une table a été écrite depuis
   *[other] Les données ont été modifiées pour une version plus récente, et { $n } tables ont été écrites depuis
}
deploy-weighed-keep = { $version } travaille avec les données migrées : elles restent
deploy-weighed-migrate = Les données sont celles d’une version plus ancienne : elles sont copiées, puis migrées pour { $version }
deploy-weighed-same = Les données restent telles quelles
deploy-backup-words = Copie : { $rows ->
    [0] 0 ligne
    [1] 1 ligne
   *[other] { $rows } lignes
} dans { $tables ->
    [0] 0 table
    [1] 1 table
   *[other] { $tables } tables
}, { $bytes }
deploy-backup-forgotten = Copie : { $rows ->
    [0] 0 ligne
    [1] 1 ligne
   *[other] { $rows } lignes
} dans { $tables ->
    [0] 0 table
    [1] 1 table
   *[other] { $tables } tables
}, supprimée depuis
deploy-fact-backup = Données
deploy-data-title = Données
deploy-data-keep = Garder les données actuelles
deploy-data-restore = Ramener les données d’avant ; les actuelles sont d’abord copiées
deploy-data-undecided = Choisir…

deploy-gate-status = { $what } a répondu { $status } au lieu de { $expected } jusqu’à l’échéance de { $after } s
deploy-gate-text = { $what } n’a pas dit { $text } jusqu’à l’échéance de { $after } s
deploy-gate-refused = { $what } : personne n’écoutait jusqu’à l’échéance de { $after } s
deploy-gate-slow = { $what } n’a pas répondu en { $timeout } ms jusqu’à l’échéance de { $after } s
deploy-gate-no-host = { $what } : hôte introuvable jusqu’à l’échéance de { $after } s
deploy-gate-bad-address = Ce n’est pas une adresse : { $what }
deploy-gate-closed = { $what } a fermé la connexion sans répondre jusqu’à l’échéance de { $after } s
deploy-gate-fault = { $what } n’a pas répondu jusqu’à l’échéance de { $after } s : { $why }
deploy-gate-exited = { $what } s’est terminé avec le code { $code } jusqu’à l’échéance de { $after } s : { $words }
deploy-gate-dead = { $instance } ne tourne pas
deploy-gate-too-few = { $what } n’a été bon que { $good } fois de suite sur { $needed } jusqu’à l’échéance de { $after } s
deploy-gate-late = { $what } n’a bien répondu qu’au bout de { $took } s ; l’échéance est de { $after } s
deploy-gate-no-try = { $what } n’a pas été essayé avant l’échéance de { $after } s
deploy-died = { $instance } s’est terminée d’elle-même
deploy-died-code = { $instance } s’est terminée d’elle-même avec le code { $code }
deploy-died-signal = { $instance } a été terminée par { $signal }

probe-good = Répond
probe-good-status = Répond { $status }
probe-wrong-status = Répond { $status } au lieu de { $expected }
probe-text-missing = Ne dit pas { $text }
probe-wrong-version = Dit que { $found } tourne au lieu de { $expected }
probe-no-version = Ne dit pas que { $expected } tourne
probe-exited = Code de sortie { $code } : { $words }
probe-dead = Ne tourne pas

deploy-returned = { $version } tourne de nouveau dans { $environment }
deploy-cancelled-returned = Arrêté ; { $version } tourne de nouveau dans { $environment }
deploy-nothing-before = Il n’y avait pas de version précédente : rien ne tourne dans { $environment }
deploy-nothing-changed = { $environment } n’a pas été modifié
deploy-return-failed = La version précédente n’est pas revenue non plus dans { $environment } ; regardez son journal

deploy-no-environment = Il n’y a pas d’environnement { $name }
deploy-no-environment-hint = Il y a { $names }
deploy-left-out = { $environment } n’est plus dans chantier.toml
deploy-left-out-hint = Il tourne encore : « chantier deploy stop { $environment } » l’arrête ; ou rendez-lui son nom
deploy-no-environments-hint = Décrivez-en un dans chantier.toml, sous [[environment]]
deploy-needs-confirmation = { $environment } est protégé
deploy-needs-confirmation-hint = Tapez son nom, ou donnez « --yes { $environment } »
deploy-needs-release = Seules des versions livrées vont vers { $environment }, car il est protégé
deploy-needs-release-hint = Livrez d’abord une version, ou déployez cette construction ailleurs
deploy-locked-by = { $owner } déploie { $version } vers { $environment } en ce moment (déploiement { $id }, processus { $pid })
deploy-locked = { $owner } modifie { $environment } en ce moment (processus { $pid })
deploy-locked-hint = Attendez la fin, ou arrêtez-le
deploy-artifact-unknown = { $environment } nomme l’artefact { $name }, qui n’existe pas
deploy-artifact-unknown-hint = Décrivez-le dans chantier.toml, sous [[artifact]]
deploy-no-release = { $workspace } n’a aucune version livrée
deploy-no-release-hint = Faites-en une avec « chantier release run »
deploy-latest-older = La livraison valable la plus récente est { $version }, plus ancienne que { $live }, qui tourne dans { $environment }
deploy-latest-older-hint = Nommez-la : « chantier deploy run { $environment } { $version } » ; le retour avec ses réglages et ses données est « deploy rollback »
deploy-no-such-version = Il n’y a pas de version livrée { $version }
deploy-no-such-version-hint = Les plus récentes sont { $versions }
deploy-withdrawn = { $version } a été retirée : { $reason }
deploy-withdrawn-hint = Prenez une autre version, ou rétablissez-la : chantier release restore { $version }
deploy-signature-hint = Ses fichiers ne sont pas ce qui a été signé. Retirez-la, et faites une autre version.
deploy-release-without = { $version } n’a pas d’artefact { $name }
deploy-release-without-hint = Livrez de nouveau avec cet artefact dans chantier.toml
deploy-not-built = L’artefact { $name } n’a pas été construit
deploy-not-built-hint = Lancez d’abord sa tâche de construction
deploy-part-gone = L’artefact { $name } de { $version } a disparu
deploy-staged-gone-hint = Rien n’a été arrêté ; « chantier recover { $environment } » rapporte les fichiers
deploy-part-gone-hint = Choisissez une autre version, ou « chantier release again { $version } » la reconstruit depuis son étiquette
deploy-part-changed = L’artefact { $name } de { $version } n’est pas celui qui a été livré
deploy-part-changed-hint = Quelqu’un a modifié le fichier ; il n’est pas utilisé. « chantier release again { $version } » la reconstruit depuis son étiquette
deploy-run-empty = { $environment } ne lance rien : sa cible n’a pas de commande
deploy-no-folder = Il n’y a pas de dossier { $path }
deploy-port-of = Le port { $port } est utilisé par { $environment }
deploy-port-of-hint = « chantier deploy stop { $environment } » l’arrête ; ou donnez un autre port à l’un des deux
deploy-port-taken = Le port { $port } est utilisé par un autre programme
deploy-port-taken-hint = Terminez ce programme, ou donnez un autre port à { $environment }
deploy-disk-full = { $free } Mo sont libres sur le disque, il en faut { $wanted }
deploy-disk-full-hint = Libérez d’abord de la place
deploy-stop-failed = { $instance } n’a pas pu être terminée (processus { $pid })
deploy-stop-failed-hint = Elle appartient à un autre utilisateur ou est bloquée dans le noyau ; terminez-la à la main
deploy-nothing-runs = Rien n’est déployé dans { $environment }
deploy-no-return = On ne peut pas revenir au déploiement { $id } dans { $environment }
deploy-why-return-failed = le retour à { $version } a échoué
deploy-why-front = ce qui se trouve devant et répartit ses requêtes ne répond pas
deploy-why-front-none = ce qui est devant lui ne lui envoie aucune requête : chantier recover { $environment }
deploy-why-left-out = n’est plus dans chantier.toml
deploy-why-silent = { $target } n’a pas pu être interrogé : on ne sait pas ce qui y tourne maintenant
deploy-why-left = le déploiement de { $version } a été laissé là où il a échoué
deploy-weighed-back = { $version } revient (déploiement { $id })
deploy-no-version-there = { $environment } ne peut pas revenir à { $version }
deploy-no-version-there-hint = Il y a { $names }
deploy-no-return-hint = Il doit y avoir été en bonne santé ; voyez « chantier deploy list --json »
deploy-no-version-before = Il n’y a pas de version à laquelle revenir dans { $environment }
deploy-no-deployment = Il n’y a pas de déploiement { $id }
deploy-obstacle-gone = Ses fichiers ont disparu
deploy-obstacle-changed = Ses fichiers ont été changés
deploy-inputs-lost = Ce dont le déploiement { $id } a été fait est illisible
deploy-inputs-lost-hint = Déployez la version à nouveau

deploy-interrupted = Interrompu ; un déploiement ultérieur a pris sa place
deploy-interrupted-untouched = Interrompu avant tout changement
deploy-interrupted-returned = Interrompu ; { $version } est revenue
deploy-interrupted-stopped = Interrompu ; il n’y avait pas de version précédente, donc rien ne tourne
deploy-unknown-hint = Rien n’est supposé de ce qui tourne dans { $environment }. Quand la machine répondra : chantier deploy recover
deploy-data-not-back-hint = Les données ne sont pas celles d’avant, donc rien n’a été démarré. Arrêtez ce qui les utilise, puis : chantier deploy recover
deploy-recovered-nothing = Rien n’était resté à mi-chemin
deploy-recovered-dropped = { $version } n’avait encore rien changé ; { $runs } tourne
deploy-recovered-finished = { $version } est en bonne santé et a été terminé
deploy-recovered-returned = { $version } a été repris ; { $runs } tourne de nouveau
deploy-recovered-stopped = { $version } a été repris ; rien ne tourne

deploy-audit-whole = { $n ->
    [0] Le journal d’audit est vide
    [1] Le journal d’audit est entier : une entrée
   *[other] Le journal d’audit est entier : { $n } entrées
}
deploy-audit-broken = Le journal d’audit est rompu à l’entrée { $n }
deploy-audit-broken-hint = Une entrée a été changée ou retirée ; à partir de là, plus rien ne prouve quoi que ce soit

deploy-tab-environments = Environnements
deploy-tab-history = Historique
deploy-tab-audit = Journal d’audit
deploy-subtitle = { $n ->
    [0] Aucun environnement
    [1] Un environnement
   *[other] { $n } environnements
}{ $running ->
    [0] { "" }
    [1] , un déploiement en cours
   *[other] , { $running } déploiements en cours
}
deploy-no-workspace = Choisissez un espace de travail pour voir ses environnements
deploy-environments-empty = Pas encore d’environnement ; décrivez-en un dans chantier.toml, sous [[environment]]
deploy-edit-project = Éditer chantier.toml
deploy-history-empty = Rien n’a encore été déployé
deploy-audit-empty = Rien n’a encore été modifié
deploy-filter-history = Filtrer les déploiements
deploy-filter-audit = Filtrer les entrées
deploy-filter-nothing = Rien ne contient ces mots
deploy-refresh = Examiner de nouveau
deploy-button = Déployer…
deploy-version = Déployer { $version }…
deploy-to = Déployer vers { $environment }…
deploy-roll-back = Faire revenir { $environment }…
deploy-stop = Arrêter { $environment }…
deploy-open = Ouvrir { $url }
deploy-cancel = Arrêter et revenir
deploy-log = Journal
deploy-runs-already = Un déploiement est déjà en cours
deploy-recover-now = Reprendre
deploy-verify = Vérifier le journal d’audit
deploy-state-healthy = en bonne santé
deploy-state-degraded = dégradé
deploy-state-down = hors service
deploy-state-changing = en changement
deploy-state-asks = à décider
deploy-asks-you = une étape a échoué : elle vous attend
deploy-state-interrupted = interrompu
deploy-state-empty = vide
deploy-nothing-yet = Rien n’est déployé
deploy-instances = { $n } sur { $wanted }
deploy-promote = Promouvoir…
deploy-promote-to = Promouvoir { $version } vers { $environment }
deploy-rollout = { $version } vers { $environment }
deploy-by = { $who }, { $when }
deploy-instead-of = À la place de { $previous }
deploy-gate-col-what = Contrôle de santé
deploy-gate-col-instance = Instance
deploy-gate-col-good = De suite
deploy-gate-col-tries = Derniers essais
deploy-gate-col-last = Dernière réponse
deploy-gate-good = { $good } sur { $needed }
deploy-gate-tries = { $n ->
    [0] Aucun essai
    [1] Un essai
   *[other] { $n } essais
}
deploy-protected-note = Ne change que si l’on tape son nom
deploy-open-note = Change sans question
deploy-fact-version = Version
deploy-fact-commit = Commit
deploy-fact-who = Par
deploy-fact-deployment = Déploiement
deploy-fact-target = Cible
deploy-fact-lock = Verrouillé par
deploy-fact-healthy-from = Sain depuis
deploy-fact-healthy-until = Sain jusqu’à
deploy-fact-run = Exécution
deploy-instances-title = Instances
deploy-returns-title = Revenir à
deploy-instance-died = morte { $ago }
deploy-returns-note = { $n ->
    [0] aucune n’est prête
    [1] une est prête
   *[other] { $n } sont prêtes
}
deploy-return-live = tourne, saine depuis { $age }
deploy-return-until = saine, il y a encore { $age }
deploy-return-ignored = jamais saine, ignoré : { $reason }
deploy-return-healthy = saine jusqu’au { $until }
deploy-return-differs = Avec les réglages de son temps : { $settings }
deploy-return-now = tourne maintenant
deploy-roll-back-button = Revenir…
deploy-roll-back-to = Revenir à { $version }
deploy-steps = Étapes
deploy-show-steps = Afficher les étapes
deploy-col-id = N°
deploy-col-date = Quand
deploy-col-environment = Environnement
deploy-col-version = Version
deploy-col-state = Issue
deploy-col-took = Durée
deploy-col-why = Pourquoi
deploy-col-act = Acte
deploy-col-hash = Empreinte
deploy-audit-unverified = Pas encore vérifié
deploy-dialog-title = Déployer vers { $environment }
deploy-dialog-text = Les anciennes instances sont arrêtées, les nouvelles démarrent et doivent passer chaque contrôle de santé.
deploy-dialog-rolling = Les instances sont remplacées lot par lot ; chacune doit passer chaque contrôle de santé.
deploy-dialog-blue-green = Les nouvelles instances démarrent à côté des anciennes. Quand elles passent chaque contrôle de santé, toutes les requêtes vont à elles, et les anciennes sont arrêtées.
deploy-dialog-canary = Les nouvelles instances démarrent à côté des anciennes et reçoivent une part des requêtes, plus à chaque étape.
deploy-dialog-returns = Si l’un d’eux échoue, la version précédente revient d’elle-même.
deploy-dialog-ends = Si l’un d’eux échoue, ce qui a démarré est arrêté.
deploy-dialog-asks = Si l’un d’eux échoue, on vous demande quoi faire.
deploy-choice = Version
deploy-choice-built = Dernière construction   { $commit }   { $when }
deploy-make-version = Livrer une version
deploy-make-again = En construire une depuis son étiquette
deploy-nothing-to-deploy = Il n’y a ni version livrée ni construction à déployer
deploy-failed-here = { $version } a échoué ici { $ago } : { $why }
deploy-failed-mark = a échoué ici
deploy-failed-show = Déploiement { $id }
deploy-version-now = Déployer { $version }
deploy-now = Déployer
deploy-rollback-title = Faire revenir { $environment } à { $version }
deploy-rollback-text = Elle tourne de nouveau avec les fichiers et réglages de son temps, et doit passer les mêmes contrôles de santé.
deploy-rollback-now = Revenir à { $version }
deploy-stop-title = Arrêter { $environment }
deploy-stop-text = Chaque instance est terminée. Un déploiement ou un retour la redémarre.
deploy-stop-now = Arrêter { $environment }
deploy-scale = Nombre d’instances de { $environment }…
deploy-scale-title = Combien d’instances de { $environment }
deploy-scale-now = Exécuter { $n }
deploy-scale-n = Instances
deploy-scale-text = Les nouvelles instances doivent passer les contrôles, sinon elles sont retirées ; les dernières s’arrêtent d’abord. Le prochain déploiement en démarre autant que chantier.toml le dit.
deploy-scale-range = Un environnement exécute de 1 à { $max } instances
deploy-scale-range-hint = Arrêtez-le avec « chantier deploy stop { $environment } »
deploy-scale-not-there = Les instances d’une cible { $target } ne se démarrent pas une à une
deploy-scale-not-there-hint = Indiquez combien dans chantier.toml (ou dans le fichier compose), et déployez
deploy-type-name = { $environment } est protégé ; tapez son nom pour continuer

deploy-step-close = Fermer l’entrée
deploy-step-proxy = Ouvrir l’entrée
deploy-step-switch = Leur envoyer les requêtes
deploy-step-weight = Déplacer le poids
deploy-step-pause = Observer le canari
deploy-step-watch = Reste saine
deploy-step-drain = Vider les anciennes instances
deploy-step-promote = Promotion demandée
deploy-step-abort = Abandon demandé
deploy-step-ask = Quelqu’un doit décider
deploy-step-decide = Décidé
deploy-note-proxy = HAProxy écoute sur { $address }
deploy-note-switch = { $n ->
    [0] 0 instance reçoit les requêtes
    [1] 1 instance reçoit toutes les requêtes
   *[other] { $n } instances reçoivent toutes les requêtes
}
deploy-note-weight = { $percent } % à la nouvelle version
deploy-note-drain = { $n ->
    [0] Toutes les connexions sont terminées
    [1] 1 connexion n’a pas pris fin dans le délai ; on continue
   *[other] { $n } connexions n’ont pas pris fin dans le délai ; on continue
}
deploy-note-pause = { $secs } s
deploy-note-by-hand = Jusqu’à la promotion par quelqu’un
deploy-note-promoted = Promu par { $who }
deploy-note-ignored = Ignoré par { $who } : { $reason }
deploy-note-decided = { $choice ->
        [retry] Nouvel essai décidé par { $who }
        [abort] Laissé tel quel, comme { $who } l’a décidé
       *[other] Retour à la version précédente, comme { $who } l’a décidé
    }
deploy-note-undecided = Personne n’a décidé à temps : la version précédente revient
deploy-note-watched = Saine pendant { $secs } s
deploy-note-judged = { $n ->
    [0] 0 réponse : { $what }
    [1] 1 réponse : { $what }
   *[other] { $n } réponses : { $what }
}
deploy-note-judging = { $secs ->
    [0] Jusqu’à { $n } réponses conformes : { $what }
   *[other] { $secs } s et { $n } réponses : { $what }
}
deploy-judge-bad = { $what } valait { $value } pour { $bound } demandé ; { $n } fois de suite
deploy-judge-unknown = { $what } n’a pas pu être mesuré, { $n } fois de suite
deploy-judge-no-number = Il n’y a pas de nombre pour juger
deploy-judged-answers = { $n } sur { $needed } réponses de la nouvelle version
deploy-judged-col-what = Jugé par
deploy-judged-col-bound = Demandé
deploy-judged-col-value = Nouvelle version
deploy-judged-col-beside = Ancienne version
deploy-project-wrong-hint = Corrigez d’abord chantier.toml : ce qui était voulu est peut-être justement ce qui n’a pas pu être lu. Rien n’a été changé
deploy-job-follow = Suivre la branche de { $environment }
deploy-follow-proves = { $commit } est-il bon ?
deploy-followed-already = La branche de { $environment } est déjà suivie
deploy-followed-elsewhere = Un autre programme le fait
deploy-not-continuous = { $environment } ne suit aucune branche
deploy-not-continuous-hint = Nommez-en une dans chantier.toml : [environment.continuous] avec branch = "main"
deploy-follow = Suivre { $branch }
deploy-unfollow = Ne plus suivre { $branch }
deploy-follows = suit { $branch }
deploy-follows-not = { $branch } n’est pas suivie
deploy-fact-continuous = Branche
deploy-note-batch = Lot { $i } sur { $n }
deploy-note-asked = Demandé par { $who }
deploy-note-kept = { $version } tourne toujours
deploy-watch-bad = { $what } a mal répondu { $n } fois de suite pendant l’observation
deploy-no-progress = Aucune autre instance n’est devenue saine en { $after } s
deploy-no-haproxy = Il n’y a pas de HAProxy sur cette machine
deploy-no-haproxy-hint = Installez le paquet haproxy, ou nommez celui qui tourne avec traffic.socket et traffic.backend
deploy-listen-taken-hint = Terminez ce programme, ou écoutez sur un autre port
deploy-haproxy-died = HAProxy n’a pas démarré
deploy-no-place = Le backend { $backend } a { $free } places libres, il en faut { $wanted }
deploy-no-place-hint = Donnez-lui plus de serveurs désactivés, comme « server-template s 1-16 127.0.0.1:1 disabled »
deploy-no-ports = Aucun port libre n’a été trouvé à côté de ceux des instances qui tournent
deploy-aborted-returned = Abandonné par { $who } ; { $version } tourne à nouveau dans { $environment }
deploy-nothing-waits = Aucun déploiement de { $environment } n’attend de promotion
deploy-nothing-waits-hint = Voir « chantier deploy list »
deploy-nothing-asks = Aucun déploiement de { $environment } ne demande de décision
deploy-nothing-asks-hint = Voir « chantier deploy list »
deploy-ignore-needs-all = L’échec dans { $environment } ne peut pas être ignoré : toutes les instances ne tournent pas
deploy-ignore-needs-reason = Ignorer un échec demande une raison
deploy-ignore-needs-reason-hint = chantier deploy decide { $environment } ignore --reason "…"
deploy-asks-hint = À décider d’ici { $mins } min : chantier deploy decide { $environment } retry, abort ou rollback
deploy-asks-hint-ignore = À décider d’ici { $mins } min : chantier deploy decide { $environment } retry, ignore --reason "…", abort ou rollback
deploy-asks-why = demande une décision : { $why }
deploy-asks-until-ended = Sans décision, elle est arrêtée dans { $left }
deploy-asks-until = Sans décision, la version précédente revient dans { $left }
deploy-left = { $environment } a été laissé tel quel ; « chantier deploy rollback { $environment }{ $yes } » ramène la version précédente
deploy-job-decide = Décider dans { $environment }
deploy-decide-in = { $environment } : { $choice }
deploy-decide-retry = Réessayer
deploy-decide-retry-hover = Les contrôles de santé sont refaits ; si une instance s’est arrêtée, toutes sont redémarrées
deploy-decide-ignore = Continuer malgré tout…
deploy-decide-ignore-hover = Comme si l’étape avait réussi, avec une raison qui reste au journal
deploy-decide-abort = Laisser tel quel
deploy-decide-abort-hover = Le déploiement s’arrête ici en échec, et rien n’est ramené
deploy-decide-roll-back = Revenir en arrière
deploy-decide-roll-back-hover = La version précédente revient
deploy-ignore-title = Continuer dans { $environment } malgré l’échec
deploy-ignore-reason = Raison
deploy-ignore-text = Le déploiement continue comme si l’étape avait réussi. La raison reste au journal et dans le journal d’audit.
deploy-job-approve = Approuver pour { $environment }
deploy-approve-title = Approuver une version pour { $environment }
deploy-approve-yes = Approuver
deploy-approve-no = Refuser
deploy-approve-by = Qui le dit
deploy-approve-says = L’avis
deploy-approve-note = Ce qui a été regardé, ou pourquoi non
deploy-fact-approvals = Approbations
deploy-approvals-note = Une version doit d’abord être approuvée
deploy-approvals-anybody = tous sauf qui déploie
deploy-approvals-need = { $n ->
    [1] une parmi { $who }
   *[other] { $n } parmi { $who }
}
deploy-approve-text = L’avis vaut pour exactement ces fichiers et ces réglages, et reste dans le journal d’audit.
deploy-approved = approuvé par { $by }
deploy-approved-note = approuvé par { $by } : { $note }
deploy-refused-note = refusé par { $by } : { $note }
deploy-approval-no = { $by } refuse { $version } pour { $environment }
deploy-approval-lacks = Il manque des approbations à { $version } pour { $environment } : { $n } sur { $needed }
deploy-approval-lacks-hint = chantier deploy approve { $environment } { $version } --as NOM
deploy-approval-not-asked = { $environment } ne demande aucune approbation
deploy-approval-not-asked-hint = Écrire approvals = {"{"} from = ["…"] {"}"} dans l’environnement « { $environment } » de chantier.toml
deploy-approval-not-yours = { $by } ne peut pas approuver pour { $environment }
deploy-approval-not-yours-hint = Peuvent approuver : { $names }
deploy-approval-own = { $by } est la personne qui déploie : quelqu’un d’autre doit approuver
deploy-approval-own-hint = Nommer dans chantier.toml qui le peut : approvals = {"{"} from = ["…"] {"}"}
deploy-nothing-to-abort = Rien n’est en cours de déploiement dans { $environment }
deploy-job-promote = Promouvoir dans { $environment }
deploy-job-abort = Abandonner dans { $environment }
deploy-promote-canary = Promouvoir { $version } dans { $environment }
deploy-promote-now = Promouvoir
deploy-promote-text = Le canari passe à l’étape suivante.
deploy-promote-fully = À 100 %
deploy-promote-fully-hover = Toutes les requêtes à la nouvelle version, sans autre pause
deploy-promote-next = Promouvoir
deploy-abort = Abandonner
deploy-abort-canary = Abandonner { $version } dans { $environment }
deploy-traffic-title = Requêtes
deploy-share = { $n ->
    [0] { $percent } %, 0 connexion
    [1] { $percent } %, 1 connexion
   *[other] { $percent } %, { $n } connexions
}
deploy-waits-by-hand = { $version } reçoit { $percent } % ; attend votre décision
deploy-waits-until = { $version } reçoit { $percent } %
deploy-waits-judged = { $version } reçoit { $percent } % et est jugée
deploy-strategy-recreate = remplacement
deploy-strategy-rolling = progressif
deploy-strategy-blue-green = bleu/vert
deploy-strategy-canary = canari

deploy-reaches-out = Les conteneurs de { $environment } auraient accès à la machine : { $what }
deploy-reaches-out-hint = Enlevez-le, ou permettez-le avec target.allow = ["{ $allow }"]
deploy-other-image = { $instance } n’a pas été fait à partir de l’image préparée
compose-missing = Ni docker compose ni docker-compose n’est là
compose-missing-hint = Installez le greffon Compose de Docker, ou le paquet docker-compose
swarm-no-manager = Le moteur ne gère aucun essaim Swarm
swarm-no-manager-hint = Créez-en un avec « docker swarm init », ou faites parler docker à un gestionnaire
swarm-not-ours = Il existe un service { $service } que cet environnement n’a pas créé
swarm-not-ours-hint = Donnez un autre nom à target.service, ou supprimez d’abord le service
swarm-too-many = { $n } tâches ne peuvent pas publier un même port sur { $nodes ->
    [0] 0 nœud
    [1] 1 nœud
   *[other] { $nodes } nœuds
}
swarm-gone = Le service { $service } a été supprimé pendant sa mise en route
swarm-rolled-back = Swarm a annulé la mise à jour de { $service } : { $why }
swarm-paused = Swarm a suspendu la mise à jour de { $service } : { $why }
swarm-failed = Les tâches de { $service } ne tiennent pas : { $why }
swarm-late = Swarm n’a pas mis { $service } en route à temps : { $why }
swarm-other-node = Elle tourne sur un autre nœud, { $node }
compose-no-yaml = La ligne { $line } d’un fichier compose n’est pas du YAML
compose-no-services = Les fichiers compose n’ont aucun service
compose-no-service = Les fichiers compose n’ont pas de service { $name }
compose-other-services = Le service { $name } ne figure pas dans les fichiers compose nommés
compose-other-services-hint = Nommez chaque fichier dans target.files ; ce qu’ils incluent n’est pas examiné
compose-image-changed = L’image { $image } n’est plus celle avec laquelle la version { $version } a tourné
compose-not-there = Compose n’a créé aucun conteneur de { $name }
docker-host-away = Le moteur de conteneurs de { $host } ne répond pas
docker-host-away-hint = Vérifiez qu’il y tourne et que votre utilisateur de { $host } peut lui parler (groupe docker)
deploy-not-in-commit = Il n’y a pas de { $path } dans le commit { $commit }
deploy-compose-file-hint = Il y a { $name } : écrivez files = ["{ $name }"] dans la cible de l’environnement
deploy-no-image-kept = On ne sait plus quelle image avait été préparée

deploy-job-preview = Chercher ce qui changerait dans { $environment }
deploy-preview-head = { $environment } : { $from } → { $to }
deploy-preview-instances = { $started ->
    [0] 0 instance serait démarrée
    [1] 1 instance serait démarrée
   *[other] { $started } instances seraient démarrées
}, { $stopped ->
    [0] aucune arrêtée
    [1] 1 arrêtée
   *[other] { $stopped } arrêtées
}
deploy-preview-more = { $n ->
    [0] 0 autre changement
    [1] 1 autre changement
   *[other] { $n } autres changements
}
