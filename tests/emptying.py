"""Between tests that commit: the tables stand again as the migrations left them, in a tenth of a second.

Django empties a table with TRUNCATE, which makes new files for every table and index, and saves the rows of the
migrations again one by one. Here a copy of those rows lies in a schema beside them and is put back by one statement.
"""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

COPY_ROWS = """
    DO $$ DECLARE name text; any_row boolean; BEGIN
        CREATE SCHEMA pristine;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO any_row;
            IF any_row THEN
                EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name);
            END IF;
        END LOOP;
    END $$"""
# As a replica: no foreign key and no trigger of ours stands in the way of any order.
PUT_BACK = """
    DO $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOREACH name IN ARRAY ARRAY[%s] LOOP
            EXECUTE format('DELETE FROM public.%%I', name);
            IF to_regclass(format('pristine.%%I', name)) IS NOT NULL THEN
                EXECUTE format('INSERT INTO public.%%I SELECT * FROM pristine.%%I', name, name);
            END IF;
        END LOOP;
        SET LOCAL session_replication_role = origin;
    END $$"""


def put_back_instead_of_truncating(connection: BaseDatabaseWrapper) -> None:
    """To be called once for a test database, when its migrations have run and no test has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'pristine'")
        if not cursor.fetchone():  # a database used again has it already
            cursor.execute(COPY_ROWS)

    def put_back(_style: object, tables: Sequence[str], **_options: object) -> list[str]:
        return [PUT_BACK % ", ".join(f"'{table}'" for table in tables)] if tables else []

    connection.ops.sql_flush = put_back  # type: ignore[method-assign]
    # With nothing to save again, `serialized_rollback` only says that no post_migrate signal is wanted.
    connection._test_serialized_contents = "[]"  # type: ignore[attr-defined]
