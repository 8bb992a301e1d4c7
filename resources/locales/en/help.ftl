# The English help of the command line stands with its arguments, in the areas' cli.rs and in src/cli/args.rs.
