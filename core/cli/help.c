/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const exits[][2] = {
    {"0", "all done"},
    {"1", "done, but some inputs were rejected or some jobs failed: each is named"},
    {"2", "wrong usage, or no such patient, study or item"},
    {"3", "the configuration, a guideline or a protocol file is invalid"},
    {"4", "the database cannot be opened, is newer than the program, or is damaged"},
    {"5", "a plugin is missing, refused or failed"}};

static void
print_option(FILE *out, const ItvCliOption *o)
{
  g_autofree char *left =
      g_strdup_printf("--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
  fprintf(out, "  %-24s %s\n", left, o->help);
}

void
itv_help_all(FILE *out)
{
  fputs("interval: closes the loop of imaging follow-up\n\n"
        "usage: interval [--db DB] [--config FILE] COMMAND [ARGS] [--json]\n\n",
        out);
  for (const ItvCommand *const *c = itv_commands; *c; c++)
    fprintf(out, "  %-15s %s\n", (*c)->name, (*c)->summary);
  fputs("\n", out);
  for (const ItvCliOption *o = itv_global_options; o->name; o++)
    print_option(out, o);
  fputs("\n`interval COMMAND --help` says more. Data goes to stdout, everything else to stderr.\n",
        out);
}

void
itv_help_command(FILE *out, const ItvCommand *command)
{
  fprintf(out, "usage: interval %s %s\n\n%s\n", command->name, command->args, command->summary);
  if (command->details)
    fprintf(out, "\n%s\n", command->details);
  fputs("\n", out);
  for (const ItvCliOption *o = command->options; o && o->name; o++)
    print_option(out, o);
  for (const ItvCliOption *o = itv_global_options; o->name; o++)
    print_option(out, o);
}

/* ---- man pages ------------------------------------------------------------------------- */

/* roff's own characters, harmless. */
static char *
roff(const char *text)
{
  GString *s = g_string_new(NULL);
  for (const char *p = text; *p; p++) {
    if (*p == '-')
      g_string_append(s, "\\-");
    else if (*p == '\\')
      g_string_append(s, "\\\\");
    else {
      if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
        g_string_append(s, "\\&");
      g_string_append_c(s, *p);
    }
  }
  return g_string_free(s, FALSE);
}

static void
man_option(FILE *out, const ItvCliOption *o)
{
  g_autofree char *name = roff(o->name);
  g_autofree char *help = roff(o->help);
  fprintf(out, ".TP\n\\fB\\-\\-%s\\fR%s%s\n%s\n", name, o->arg ? " " : "", o->arg ? o->arg : "",
          help);
}

static void
man_exits(FILE *out)
{
  fputs(".SH EXIT STATUS\n", out);
  for (gsize i = 0; i < G_N_ELEMENTS(exits); i++)
    fprintf(out, ".TP\n%s\n%s\n", exits[i][0], exits[i][1]);
}

static void
man_command(FILE *out, const ItvCommand *c)
{
  g_autofree char *dashed = g_strdelimit(g_strdup(c->name), " ", '-');
  g_autofree char *name = roff(dashed);
  g_autofree char *args = roff(c->args);
  g_autofree char *summary = roff(c->summary);
  g_autofree char *details = roff(c->details ? c->details : "");
  fprintf(out,
          ".TH INTERVAL\\-%s 1 \"\" \"interval %s\" \"Interval\"\n.SH NAME\ninterval\\-%s \\- %s\n"
          ".SH SYNOPSIS\n.B interval\n[\\fB\\-\\-db\\fR DB] [\\fB\\-\\-config\\fR FILE] \\fB%s\\fR "
          "%s\n.SH DESCRIPTION\n%s.\n%s%s\n.SH OPTIONS\n",
          name, ITV_VERSION, name, summary, c->name, args, summary, *details ? ".PP\n" : "",
          details);
  for (const ItvCliOption *o = c->options; o && o->name; o++)
    man_option(out, o);
  for (const ItvCliOption *o = itv_global_options; o->name; o++)
    man_option(out, o);
  man_exits(out);
  fputs(".SH SEE ALSO\n.BR interval (1)\n", out);
}

static void
man_all(FILE *out)
{
  fprintf(
      out,
      ".TH INTERVAL 1 \"\" \"interval %s\" \"Interval\"\n.SH NAME\ninterval \\- closes the loop "
      "of imaging follow\\-up\n.SH SYNOPSIS\n.B interval\n[\\fB\\-\\-db\\fR DB] "
      "[\\fB\\-\\-config\\fR FILE] COMMAND [ARGS] [\\fB\\-\\-json\\fR]\n.SH DESCRIPTION\n"
      "Reads what radiology produces, finds what was recommended, watches that it happens, puts "
      "the prior beside the current study and says what changed.\n.SH COMMANDS\n",
      ITV_VERSION);
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    g_autofree char *summary = roff((*c)->summary);
    g_autofree char *args = roff((*c)->args);
    fprintf(out, ".TP\n\\fB%s\\fR %s\n%s\n", (*c)->name, args, summary);
  }
  fputs(".SH OPTIONS\n", out);
  for (const ItvCliOption *o = itv_global_options; o->name; o++)
    man_option(out, o);
  man_exits(out);
}

static FILE *
create(const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  FILE *out = g_fopen(path, "w");
  if (!out)
    fprintf(stderr, "interval: %s: %s\n", path, g_strerror(errno));
  return out;
}

static int
write_man(const char *where)
{
  FILE *all = create(where, "interval.1");
  if (!all)
    return 1;
  man_all(all);
  fclose(all);
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    g_autofree char *dashed = g_strdelimit(g_strdup((*c)->name), " ", '-');
    g_autofree char *name = g_strdup_printf("interval-%s.1", dashed);
    FILE *out = create(where, name);
    if (!out)
      return 1;
    man_command(out, *c);
    fclose(out);
  }
  return 0;
}

/* ---- completion ------------------------------------------------------------------------- */

static void
completion_case(FILE *out, const ItvCommand *c)
{
  g_autofree char *pattern = g_strdup(c->name);
  fprintf(out, "    \"%s\") words=\"", pattern);
  for (const ItvCliOption *o = c->options; o && o->name; o++)
    fprintf(out, "--%s ", o->name);
  fputs("$globals\" ;;\n", out);
}

static int
write_completion(const char *where)
{
  FILE *out = create(where, "interval.bash");
  if (!out)
    return 1;
  fputs("# bash completion for interval, made from its table of commands\n_interval() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} globals=\"",
        out);
  for (const ItvCliOption *o = itv_global_options; o->name; o++)
    fprintf(out, "--%s ", o->name);
  fputs("\" words= first= second= i\n"
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    case ${COMP_WORDS[i]} in\n"
        "      --db|--config) ((i++)) ;;\n"
        "      -*) ;;\n"
        "      *) if [ -z \"$first\" ]; then first=${COMP_WORDS[i]};\n"
        "         elif [ -z \"$second\" ]; then second=${COMP_WORDS[i]}; fi ;;\n"
        "    esac\n"
        "  done\n"
        "  case \"$first${second:+ $second}\" in\n",
        out);
  for (const ItvCommand *const *c = itv_commands; *c; c++)
    if (strchr((*c)->name, ' '))
      completion_case(out, *c);
  fputs("    *) case \"$first\" in\n      \"\") words=\"", out);
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    const char *space = strchr((*c)->name, ' ');
    fprintf(out, "%.*s ", space ? (int)(space - (*c)->name) : (int)strlen((*c)->name), (*c)->name);
  }
  fputs("$globals\" ;;\n", out);
  for (const ItvCommand *const *c = itv_commands; *c; c++)
    if (!strchr((*c)->name, ' '))
      completion_case(out, *c);
  for (const ItvCommand *const *c = itv_commands; *c; c++) {
    const char *space = strchr((*c)->name, ' ');
    if (space)
      fprintf(out, "    %.*s) words=\"$words %s\" ;;&\n", (int)(space - (*c)->name), (*c)->name,
              space + 1);
  }
  fputs("    esac ;;\n  esac\n"
        "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "  [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
        "}\ncomplete -o filenames -F _interval interval\n",
        out);
  fclose(out);
  return 0;
}

int
itv_help_generate(const char *what, const char *where)
{
  if (strcmp(what, "man") == 0)
    return write_man(where);
  if (strcmp(what, "bash-completion") == 0)
    return write_completion(where);
  fputs("usage: interval generate man|bash-completion FOLDER\n", stderr);
  return 2;
}
