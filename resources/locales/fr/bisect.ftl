bisect-job-run = Chercher le commit qui a cassé { $what }
bisect-job-load = Charger les recherches
bisect-job-forget = Oublier une recherche
bisect-job-look = Regarder { $commit }
bisect-broken = La commande s’est interrompue d’une façon qui ne dit rien du commit
bisect-not-before = { $good } ne mène pas à { $bad }
bisect-not-before-hint = Nommez un bon commit dont le mauvais descend
bisect-never-green = L’historique ne connaît aucun commit où { $what } passait
bisect-never-green-hint = Nommez-en un avec --good
bisect-left = { $n ->
    [1] reste 1 commit
   *[other] restent { $n } commits
}
bisect-bad-is-unclear = { $commit } ne dit rien : ce commit est passé
bisect-bad-is-unclear-hint = Nommez avec --bad un commit qui échoue ; le code 125 dit qu’un commit ne peut pas être jugé
bisect-bad-is-good = { $commit } n’échoue pas
bisect-bad-is-good-hint = Nommez avec --bad un commit qui échoue ; un échec rare demande plus de --repeats
bisect-flaky = Il échoue par moments, aussi au mauvais bout : un seul échec compte comme mauvais, { $n } essais y ont été faits
bisect-good-is-bad = { $commit } échoue déjà
bisect-good-is-bad-hint = Nommez un commit plus ancien avec --good
bisect-unclear = { $n ->
    [1] Reste 1 commit dont on ne peut rien dire
   *[other] L’un de { $n } commits, qu’on ne peut départager
}
bisect-good = bon
bisect-bad = mauvais
bisect-skip = indécidable
bisect-found = { $commit } est le premier mauvais commit : { $summary }
bisect-carried = Dans les versions : { $releases } ; dans les instances en marche : { $instances }
bisect-counts = { $steps } étapes en { $rounds } tours, { $repeats } essais aux bouts et répétés, sur { $n } commits
bisect-tab = Bisection
bisect-empty = Les recherches du commit qui a cassé quelque chose se trouvent ici ; commencez-en une depuis une exécution échouée
bisect-state-found = trouvé
bisect-state-unclear = incertain
bisect-state-running = recherche
bisect-state-stopped = arrêtée
bisect-col-question = Ce qui échoue
bisect-col-range = Intervalle
bisect-col-left = Restants
bisect-col-rounds = Tours
bisect-guilty = Premier mauvais
bisect-author = Auteur
bisect-in-releases = Versions
bisect-in-instances = Instances
bisect-diff = Différence
bisect-one-of = L’un de ceux-ci
bisect-stop = Arrêter
bisect-resume = Continuer
bisect-forget = Oublier cette recherche
bisect-forget-text = Ses verdicts sont perdus ; la prochaine recommence à zéro
bisect-forget-running = Elle est en cours
bisect-looks = Essais
bisect-again = à nouveau
bisect-begin = Chercher le commit qui l’a cassé
bisect-new = Chercher un commit coupable…
bisect-form-title = Chercher le commit qui a cassé quelque chose
bisect-form-do = Chercher
bisect-form-kind = Ce qui échoue
bisect-form-task = Tâche
bisect-form-test = Test
bisect-form-command = Commande
bisect-form-command-note = Le code 0 est bon, 125 ne dit rien, 128 et plus met fin à la recherche, les autres sont mauvais
bisect-form-good = Bon commit
bisect-form-good-hint = le dernier que l’historique connaît réussi
bisect-form-bad = Mauvais commit
bisect-form-first-parent = Seulement par les premiers parents : les fusions en bloc
bisect-form-repeats = Nouveaux essais d’un commit qui échoue
bisect-form-at-once = Commits à la fois, 0 selon les cœurs
