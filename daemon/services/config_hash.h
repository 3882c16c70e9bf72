// Tells whether an existing container was made from the configuration that is wanted now.
#pragma once

#include <string>

#include "daemon/docker/types.h"

namespace nopo {

// 32 hex digits, the same on every machine and in every release as long as the same things are set.
//
// Covers what the engine fixes at create, limits included, and the labels of the user. Not the
// image (its id is compared by itself, so that another tag of the same image changes nothing).
// `name` is the fixed name of the container, "" when it has a number.
std::string ConfigHash(const ContainerSpec& spec, const Labels& user_labels,
                       const std::string& name);

}  // namespace nopo
