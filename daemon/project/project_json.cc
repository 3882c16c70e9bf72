#include "daemon/project/project_json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "daemon/project/target_fields.h"

namespace nopo {
namespace {

namespace json = boost::json;

json::array Texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object TargetObject(const Target& target, const ImageNames& names) {
  const Infrastructure& infrastructure = target.infrastructure;
  const bool is_service = target.kind == TargetKind::kService;
  return {{"name", target.name},
          {"description", target.description},
          {"type", std::string(TypeName(target))},
          {"path", target.path},
          {"buildable", target.Buildable()},
          {"image", is_service ? ImageOf(target, names) : ""},
          {"cpu", infrastructure.cpu},
          {"memory", infrastructure.memory},
          {"port", infrastructure.port},
          {"min_instances", infrastructure.min_instances},
          {"max_instances", infrastructure.max_instances},
          {"has_database", infrastructure.has_database},
          {"run_migrations", infrastructure.run_migrations},
          {"static_path", target.static_path},
          {"tags", Texts(target.tags)},
          {"dependencies", Texts(AllDependencies(target))},
          {"commands", Texts(target.CommandPaths())}};
}

void AppendIndented(const json::value& value, size_t indent, std::string& out);

// One element a line between `open` and `close`; nothing between them when there is none.
template <typename Container, typename AppendElement>
void AppendLines(const Container& container, absl::string_view open, absl::string_view close,
                 size_t indent, std::string& out, AppendElement append) {
  absl::StrAppend(&out, open);
  absl::string_view separator = "\n";
  for (const auto& element : container) {
    absl::StrAppend(&out, separator, std::string(indent + 2, ' '));
    append(element);
    separator = ",\n";
  }
  if (!container.empty()) out.append("\n").append(indent, ' ');
  absl::StrAppend(&out, close);
}

void AppendIndented(const json::value& value, size_t indent, std::string& out) {
  if (value.is_object()) {
    AppendLines(value.get_object(), "{", "}", indent, out, [&](const json::key_value_pair& entry) {
      out.append(json::serialize(entry.key())).append(": ");
      AppendIndented(entry.value(), indent + 2, out);
    });
  } else if (value.is_array()) {
    AppendLines(value.get_array(), "[", "]", indent, out,
                [&](const json::value& element) { AppendIndented(element, indent + 2, out); });
  } else {
    out.append(json::serialize(value));
  }
}

constexpr size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

Row TableRow(const Target& target) {
  Row row = {target.id, std::string(TypeName(target)), "-", "-", "-", "-", "-", "-", "-"};
  if (target.kind != TargetKind::kService) return row;
  const Infrastructure& infrastructure = target.infrastructure;
  row[2] = infrastructure.cpu;
  row[3] = infrastructure.memory;
  row[4] = absl::StrCat(infrastructure.port);
  row[5] = absl::StrCat(infrastructure.min_instances);
  row[6] = absl::StrCat(infrastructure.max_instances);
  row[7] = infrastructure.has_database ? "yes" : "no";
  row[8] = infrastructure.run_migrations ? "yes" : "no";
  return row;
}

}  // namespace

std::string ListJson(const Project& project, const std::vector<const Target*>& targets,
                     const ImageNames& names) {
  json::array dirs;
  for (const std::filesystem::path& dir : project.services_dirs) dirs.emplace_back(dir.native());
  json::object services;
  for (const Target* target : targets) services[target->id] = TargetObject(*target, names);
  const json::value list = {
      {"config",
       {{"name", project.name}, {"root", project.root.native()}, {"services_dirs", dirs}}},
      {"services", services}};
  std::string text;
  AppendIndented(list, 0, text);
  text.push_back('\n');
  return text;
}

std::string ListCsv(const std::vector<const Target*>& targets) {
  return absl::StrCat(absl::StrJoin(targets, ",",
                                    [](std::string* out, const Target* target) {
                                      absl::StrAppend(out, target->id);
                                    }),
                      "\n");
}

std::string ListTable(const std::vector<const Target*>& targets) {
  std::vector<Row> rows = {
      {"SERVICE", "TYPE", "CPU", "MEMORY", "PORT", "MIN", "MAX", "DB", "MIGRATE"}};
  for (const Target* target : targets) rows.push_back(TableRow(*target));
  std::array<size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i + 1 < kColumns; ++i) {
      absl::StrAppend(&text, row[i], std::string(widths[i] + 2 - row[i].size(), ' '));
    }
    absl::StrAppend(&text, row[kColumns - 1], "\n");
  }
  absl::StrAppend(&text, "\nTotal: ", targets.size(), " service(s)\n");
  return text;
}

}  // namespace nopo
