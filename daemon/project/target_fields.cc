#include "daemon/project/target_fields.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "daemon/project/diagnostics.h"

namespace nopo {
namespace {

namespace json = boost::json;

json::array Texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object Pairs(const EnvironmentMap& variables) {
  json::object object;
  for (const auto& [name, value] : variables) object[name] = value;
  return object;
}

template <typename Dependencies>
json::array TargetsOf(const Dependencies& dependencies) {
  json::array names;
  for (const auto& dependency : dependencies) names.emplace_back(dependency.target);
  return names;
}

json::object InfrastructureFields(const Infrastructure& infrastructure) {
  return {{"cpu", infrastructure.cpu},
          {"memory", infrastructure.memory},
          {"port", infrastructure.port},
          {"min_instances", infrastructure.min_instances},
          {"max_instances", infrastructure.max_instances},
          {"has_database", infrastructure.has_database},
          {"run_migrations", infrastructure.run_migrations},
          {"command", infrastructure.command},
          {"directory", infrastructure.directory},
          {"depends_on", TargetsOf(infrastructure.depends_on)}};
}

json::object BuildFields(const BuildSettings& build) {
  return {{"command", build.command},
          {"output", Texts(build.output)},
          {"packages", Texts(build.packages)},
          {"env", Pairs(build.env)},
          {"working_dir", build.working_dir},
          {"depends_on", TargetsOf(build.depends_on)},
          {"context", build.context.value_or("")},
          {"target", build.target},
          {"secrets", !build.secrets.empty()},
          {"ssh", !build.ssh_agents.empty()},
          {"args", Pairs(build.args)}};
}

json::object ComposeFields(const ComposeAttributes& compose) {
  json::object fields = {{"environment", Pairs(compose.environment)},
                         {"labels", Pairs(compose.labels)},
                         {"restart", compose.restart},
                         {"user", compose.user},
                         {"working_dir", compose.working_dir},
                         {"hostname", compose.hostname},
                         {"stop_signal", compose.stop_signal},
                         {"container_name", compose.container_name},
                         {"network_mode", compose.network_mode},
                         {"cap_add", Texts(compose.cap_add)},
                         {"cap_drop", Texts(compose.cap_drop)},
                         {"extra_hosts", Texts(compose.extra_hosts)},
                         {"command", Texts(compose.command.value_or(std::vector<std::string>()))},
                         {"healthcheck", compose.healthcheck.has_value()},
                         {"privileged", compose.privileged.value_or(false)},
                         {"read_only", compose.read_only.value_or(false)},
                         {"init", compose.init.value_or(false)},
                         {"tty", compose.tty.value_or(false)},
                         {"stdin_open", compose.stdin_open.value_or(false)},
                         {"dns", Texts(compose.dns)},
                         {"tmpfs", Texts(compose.tmpfs)},
                         {"security_opt", Texts(compose.security_opt)},
                         {"networks", Texts(compose.networks_aliases)},
                         {"shm_size", compose.shm_size.has_value()},
                         {"stop_grace_period", compose.stop_grace_period.has_value()},
                         {"entrypoint", compose.entrypoint.has_value()}};
  json::array ports, volumes;
  if (compose.ports.has_value()) {
    for (const PublishedPort& port : *compose.ports) ports.emplace_back(absl::StrCat(port.target));
  }
  for (const VolumeMount& volume : compose.volumes) volumes.emplace_back(volume.target);
  fields["ports"] = std::move(ports);
  fields["volumes"] = std::move(volumes);
  return fields;
}

// The target as filters see it. Commands are looked up apart.
json::object Fields(const Target& target) {
  json::object fields = InfrastructureFields(target.infrastructure);
  for (const char* key : {"command", "directory", "depends_on"}) fields.erase(key);
  fields["name"] = target.name;
  fields["description"] = target.description;
  fields["type"] = std::string(TypeName(target));
  fields["path"] = target.path;
  fields["buildable"] = target.Buildable();
  fields["image"] = target.image;
  fields["dockerfile"] = target.dockerfile.filename().native();
  fields["static_path"] = target.static_path;
  fields["tags"] = Texts(target.tags);
  fields["dependencies"] = TargetsOf(target.dependencies);
  if (target.kind == TargetKind::kService) {
    fields["infrastructure"] = fields["runtime"] = InfrastructureFields(target.infrastructure);
  }
  if (target.build.has_value()) fields["build"] = BuildFields(*target.build);
  fields["compose"] = ComposeFields(target.compose);
  return fields;
}

// "hasDatabase" -> "has_database", for the infrastructure's keys only.
std::string SnakeCase(absl::string_view name) {
  constexpr std::array<std::pair<absl::string_view, absl::string_view>, 5> kSpellings = {{
      {"minInstances", "min_instances"},
      {"maxInstances", "max_instances"},
      {"hasDatabase", "has_database"},
      {"runMigrations", "run_migrations"},
      {"dependsOn", "depends_on"},
  }};
  for (const auto& [camel, snake] : kSpellings) {
    if (name == camel) return std::string(snake);
  }
  return std::string(name);
}

std::vector<std::string> Components(absl::string_view path) {
  std::vector<std::string> components = absl::StrSplit(path, '.');
  for (std::string& component : components) component = SnakeCase(component);
  return components;
}

// The rest of `path` behind "commands", "" for "commands" itself; nothing for other fields.
std::optional<absl::string_view> CommandPart(absl::string_view path) {
  if (path == "commands") return "";
  if (!absl::ConsumePrefix(&path, "commands.")) return std::nullopt;
  return path;
}

// "check.py" and "check:py"; a command's name may contain dots itself.
const Command* CommandAt(const Target& target, absl::string_view path) {
  const Command* command = target.FindCommand(path);
  return command != nullptr ? command : target.FindCommand(absl::StrReplaceAll(path, {{".", ":"}}));
}

bool Exists(const json::value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_string()) return !value.as_string().empty();
  if (value.is_array()) return !value.as_array().empty();
  if (value.is_object()) {
    const json::object& object = value.as_object();
    return std::any_of(object.begin(), object.end(),
                       [](const auto& entry) { return Exists(entry.value()); });
  }
  return !value.is_null();
}

std::string Spelling(const json::value& scalar) {
  return scalar.is_string() ? std::string(scalar.as_string()) : json::serialize(scalar);
}

bool Equals(const json::value& value, absl::string_view expected) {
  if (value.is_array()) {
    const json::array& array = value.as_array();
    return std::any_of(array.begin(), array.end(),
                       [&](const json::value& item) { return Spelling(item) == expected; });
  }
  if (value.is_object()) {
    return value.as_object().contains(json::string_view(expected.data(), expected.size()));
  }
  return Spelling(value) == expected;
}

json::value ValueAt(const Target& target, absl::string_view path) {
  json::value value = Fields(target);
  const std::vector<std::string> components = Components(path);
  for (size_t i = 0; i < components.size(); ++i) {
    if (!value.is_object()) return nullptr;
    const json::object& object = value.as_object();
    const json::value* next = object.if_contains(components[i]);
    // The name of a variable may contain dots.
    const std::string rest =
        absl::StrJoin(components.begin() + static_cast<std::ptrdiff_t>(i), components.end(), ".");
    if (next == nullptr && (next = object.if_contains(rest)) != nullptr) return *next;
    if (next == nullptr) return nullptr;
    json::value copy = *next;
    value = std::move(copy);
  }
  return value;
}

// A target with every key that there is; maps whose keys are the user's are empty in it.
const json::object& EveryField() {
  static const auto* const kFields = [] {
    Target target;
    target.kind = TargetKind::kService;
    target.build.emplace();
    return new json::object(Fields(target));
  }();
  return *kFields;
}

bool HasField(const json::object& fields, const std::vector<std::string>& components) {
  const json::object* object = &fields;
  for (size_t i = 0; i < components.size(); ++i) {
    if (i > 0 && object->empty()) return true;
    const json::value* next = object->if_contains(components[i]);
    if (next == nullptr) return false;
    if (i + 1 == components.size()) return true;
    if (!next->is_object()) return false;
    object = &next->as_object();
  }
  return true;
}

}  // namespace

absl::string_view TypeName(const Target& target) {
  return target.kind == TargetKind::kService ? "service" : "package";
}

std::vector<std::string> AllDependencies(const Target& target) {
  std::vector<std::string> names;
  const auto add = [&](const auto& dependencies) {
    for (const auto& dependency : dependencies) {
      if (std::find(names.begin(), names.end(), dependency.target) == names.end()) {
        names.push_back(dependency.target);
      }
    }
  };
  add(target.dependencies);
  if (target.build.has_value()) add(target.build->depends_on);
  add(target.infrastructure.depends_on);
  return names;
}

const std::vector<std::string>& KnownFields() {
  static const auto* const kFields = new std::vector<std::string>(
      {"name",          "description",  "type",           "path",           "buildable",
       "image",         "cpu",          "memory",         "port",           "min_instances",
       "max_instances", "has_database", "run_migrations", "static_path",    "tags",
       "dependencies",  "commands",     "dockerfile",     "infrastructure", "runtime",
       "build",         "compose"});
  return *kFields;
}

bool IsKnownField(absl::string_view path) {
  const std::vector<std::string> components = Components(path);
  if (std::find(KnownFields().begin(), KnownFields().end(), components[0]) == KnownFields().end()) {
    return false;
  }
  return components[0] == "commands" || HasField(EveryField(), components);
}

absl::Status CheckCommandField(const Project& project, absl::string_view path) {
  constexpr std::array<absl::string_view, 6> kKeys = {"command", "commands",     "context",
                                                      "dir",     "dependencies", "env"};
  const std::optional<absl::string_view> part = CommandPart(path);
  if (!part.has_value()) return absl::OkStatus();
  const absl::string_view key = part->substr(part->rfind('.') + 1);
  if (part->find('.') == part->npos || !absl::c_linear_search(kKeys, key)) return absl::OkStatus();
  const bool is_command = CommandAt(project.root_target, *part) != nullptr ||
                          absl::c_any_of(project.targets, [&](const Target& target) {
                            return CommandAt(target, *part) != nullptr;
                          });
  if (is_command) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
      absl::StrCat("--filter: found ", Quoted(path), "; no command has this name, and ",
                   "of commands only names and what they run are fields"));
}

bool FieldExists(const Target& target, absl::string_view path) {
  if (const auto command = CommandPart(path)) {
    return command->empty() ? !target.commands.empty() : CommandAt(target, *command) != nullptr;
  }
  return Exists(ValueAt(target, path));
}

bool FieldEquals(const Target& target, absl::string_view path, absl::string_view value) {
  if (const auto part = CommandPart(path)) {
    if (part->empty()) return CommandAt(target, value) != nullptr;
    const Command* command = CommandAt(target, *part);
    return command != nullptr && command->run == value;
  }
  return Equals(ValueAt(target, path), value);
}

}  // namespace nopo
