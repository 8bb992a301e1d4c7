# Chronologies des exécutions
build-tab-timeline = Chronologie
build-job-timeline = Lire une chronologie
build-timeline-none = Rien n’a encore tourné ici
build-timeline-of = Chronologie de { $task }
build-timeline-bare = Ce qui s’est passé à l’intérieur n’est pas connu
build-timeline-critical = Chemin critique : { $time } sur { $all }
build-timeline-critical-title = Chemin critique, le plus long d’abord
build-timeline-after = Début
build-timeline-path = Chemin
build-timeline-is-critical = sur le chemin critique
build-timeline-beside = à côté d’autre chose
build-show-timeline = Montrer la chronologie
build-span-run = exécution
build-span-job = tâche
build-span-step = étape
build-span-compile = compilateur
build-span-script = script de construction
