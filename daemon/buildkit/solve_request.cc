#include "daemon/buildkit/solve_request.h"

#include <boost/json.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "buildkit/control.pb.h"

namespace nopo {
namespace {

using moby::buildkit::v1::SolveRequest;
using moby::buildkit::v1::SolveResponse;

constexpr char kExporter[] = "moby";  // Into the engine's own image store.

// A Dockerfile is served flat, whatever folder it is in on disk.
std::string ServedName(const SolveOptions& options) {
  return std::filesystem::path(options.dockerfile_name).filename().string();
}

// As the frontend wants them: [{"Type": "registry", "Attrs": {"ref": "r.example/cache"}}].
std::string CacheImports(const std::vector<CacheEntry>& entries) {
  boost::json::array imports;
  for (const CacheEntry& entry : entries) {
    boost::json::object attrs;
    for (const auto& [name, value] : entry.attrs) attrs[name] = value;
    imports.push_back(boost::json::object{{"Type", entry.type}, {"Attrs", attrs}});
  }
  return boost::json::serialize(imports);
}

void FillCacheExports(const SolveOptions& options, SolveRequest& request) {
  for (const CacheEntry& entry : options.cache_to) {
    auto& cache = *request.mutable_cache()->add_exports();
    cache.set_type(entry.type);
    cache.mutable_attrs()->insert(entry.attrs.begin(), entry.attrs.end());
  }
}

void FillFrontend(const SolveOptions& options, SolveRequest& request) {
  request.set_frontend("dockerfile.v0");
  auto& attrs = *request.mutable_frontend_attrs();
  attrs["filename"] = ServedName(options);
  // `local` lets FROM find images that only this engine has.
  attrs["image-resolve-mode"] = options.pull ? "pull" : "local";
  if (!options.target.empty()) attrs["target"] = options.target;
  if (options.no_cache) attrs["no-cache"] = "";
  if (!options.network_mode.empty()) attrs["force-network-mode"] = options.network_mode;
  if (!options.platforms.empty()) attrs["platform"] = absl::StrJoin(options.platforms, ",");
  if (!options.cache_from.empty()) attrs["cache-imports"] = CacheImports(options.cache_from);
  if (options.network_mode == "host") request.add_entitlements("network.host");
  for (const auto& [name, value] : options.build_args) {
    attrs[absl::StrCat("build-arg:", name)] = value;
  }
  for (const auto& [name, value] : options.labels) attrs[absl::StrCat("label:", name)] = value;
}

void FillExporter(const SolveOptions& options, SolveRequest& request) {
  auto& exporter = *request.add_exporters();
  exporter.set_type(kExporter);
  if (!options.tags.empty()) {
    (*exporter.mutable_attrs())["name"] = absl::StrJoin(options.tags, ",");
  }
  // Engine 20.10 reads only these, and without them it builds and keeps nothing.
  request.set_exporter_deprecated(exporter.type());
  *request.mutable_exporter_attrs_deprecated() = exporter.attrs();
}

std::string Find(const google::protobuf::Map<std::string, std::string>& map,
                 const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

}  // namespace

SolveRequest SolveRequestFrom(const SolveOptions& options, const std::string& dockerfile_directory,
                              const std::string& ref, const std::string& session_id) {
  SolveRequest request;
  request.set_ref(ref);
  request.set_session(session_id);
  // Writing the engine's build history costs a third of a build with nothing to do.
  request.set_internal(true);
  FillFrontend(options, request);
  // So that builds which share a session each have their own Dockerfile.
  (*request.mutable_frontend_attrs())["dockerfilekey"] = dockerfile_directory;
  FillExporter(options, request);
  FillCacheExports(options, request);
  return request;
}

std::map<std::string, std::string> DockerfileDirectory(const SolveOptions& options) {
  const std::string name = ServedName(options);
  std::map<std::string, std::string> files = {{name, options.dockerfile_text}};
  if (options.dockerignore_text.has_value()) {
    files[absl::StrCat(name, ".dockerignore")] = *options.dockerignore_text;
  }
  return files;
}

void ReadImageId(const SolveResponse& response, SolveResult& result) {
  const std::string digest = Find(response.exporter_response(), "containerimage.digest");
  const std::string config = Find(response.exporter_response(), "containerimage.config.digest");
  result.image_id = config.empty() ? digest : config;
  // Stores without manifests report the image's id under both names.
  result.manifest_digest = digest == result.image_id ? "" : digest;
}

}  // namespace nopo
