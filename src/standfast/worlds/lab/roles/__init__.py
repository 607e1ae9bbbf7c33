"""The Ansible roles of `code/ansible`, read in process: what they make of a host of the lab.

values        the variables of a host and the templates, as Ansible would fill them in
tasks         the folders, files and the command of a role's own task file
certificates  an authority and a certificate per host, by the role's own commands
"""
