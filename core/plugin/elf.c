/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/elf.h"

#include <elf.h>
#include <string.h>

#include "base/error.h"

typedef struct {
  const guint8 *data;
  gsize size;
} Bytes;

/* A part of the file, NULL when it does not lie inside. */
static const guint8 *
part(Bytes b, guint64 offset, guint64 size)
{
  return offset <= b.size && size <= b.size - offset ? b.data + offset : NULL;
}

static gboolean
read_section(Bytes b, const Elf64_Ehdr *head, guint i, Elf64_Shdr *ret)
{
  const guint8 *p = part(b, head->e_shoff + (guint64)i * sizeof *ret, sizeof *ret);
  if (!p || head->e_shoff > b.size)
    return FALSE;
  memcpy(ret, p, sizeof *ret);
  return TRUE;
}

static gboolean
is_exported(const Elf64_Sym *s)
{
  const guchar bind = ELF64_ST_BIND(s->st_info), type = ELF64_ST_TYPE(s->st_info);
  const guchar visibility = ELF64_ST_VISIBILITY(s->st_other);
  return s->st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK) &&
         visibility == STV_DEFAULT && type != STT_SECTION && type != STT_FILE;
}

/* Linkers define these in objects of every kind. */
static gboolean
is_from_linker(const char *name)
{
  static const char *const names[] = {"_init", "_fini", "__bss_start", "_edata", "_end", NULL};
  return g_strv_contains(names, name);
}

static gboolean
add_names(Bytes b, const Elf64_Ehdr *head, const Elf64_Shdr *symbols, GPtrArray *out)
{
  Elf64_Shdr names;
  if (symbols->sh_link >= head->e_shnum || !read_section(b, head, symbols->sh_link, &names))
    return FALSE;
  const guint8 *text = part(b, names.sh_offset, names.sh_size);
  const guint8 *table = part(b, symbols->sh_offset, symbols->sh_size);
  if (!text || !table || names.sh_size == 0 || text[names.sh_size - 1] != 0)
    return FALSE;
  for (guint64 at = 0; at + sizeof(Elf64_Sym) <= symbols->sh_size; at += sizeof(Elf64_Sym)) {
    Elf64_Sym s;
    memcpy(&s, table + at, sizeof s);
    if (s.st_name >= names.sh_size)
      return FALSE;
    const char *name = (const char *)text + s.st_name;
    if (is_exported(&s) && !is_from_linker(name))
      g_ptr_array_add(out, g_strdup(name));
  }
  return TRUE;
}

static gboolean
read_exports(Bytes b, GPtrArray *out)
{
  const guchar order = G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
  Elf64_Ehdr head;
  if (b.size < sizeof head)
    return FALSE;
  memcpy(&head, b.data, sizeof head);
  if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
      head.e_ident[EI_DATA] != order || head.e_type != ET_DYN ||
      head.e_shentsize != sizeof(Elf64_Shdr))
    return FALSE;
  for (guint i = 0; i < head.e_shnum; i++) {
    Elf64_Shdr section;
    if (!read_section(b, &head, i, &section))
      return FALSE;
    if (section.sh_type == SHT_DYNSYM)
      return add_names(b, &head, &section, out);
  }
  return FALSE;
}

GPtrArray *
itv_elf_exports(const char *path, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &local);
  if (!file) {
    itv_fail(error, ITV_ERROR_PLUGIN, "%s", local->message);
    return NULL;
  }
  const Bytes b = {(const guint8 *)g_mapped_file_get_contents(file),
                   g_mapped_file_get_length(file)};
  g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
  if (!read_exports(b, out)) {
    itv_fail(error, ITV_ERROR_PLUGIN, "%s: not a shared object of this machine, or damaged", path);
    return NULL;
  }
  return g_steal_pointer(&out);
}
